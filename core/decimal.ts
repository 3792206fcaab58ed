/**
 * A decimal number, exact at any length: `0.<digits>` × 10^`magnitude`. The digits neither begin
 * nor end with zeros. Zero has no digits and no sign.
 */
export interface Decimal {
  isNegative: boolean;
  digits: string;
  magnitude: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+$/;
const ZERO: Decimal = { isNegative: false, digits: '', magnitude: 0 };
/**
 * The number of significant digits that tell every double from its neighbours (IEEE 754-2019,
 * 5.12.2).
 */
const DIGITS_OF_A_DOUBLE = 17;

/** Reads `-12.50`, `.5`, `5.` or `1.25e-3`. Returns undefined for any other text. */
export function readDecimal(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const written = whole + fraction;
  if (sign === undefined || written === '') return undefined;
  let first = 0;
  while (written[first] === '0') first += 1;
  let end = written.length;
  while (end > first && written[end - 1] === '0') end -= 1;
  if (first === end) return ZERO;
  return {
    isNegative: sign === '-',
    digits: written.slice(first, end),
    magnitude: whole.length - first + Number(exponent),
  };
}

/**
 * Returns a number below, equal to or above 0 where `a` is less than, equal to or more than `b`.
 */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const [signA, signB] = [signOf(a), signOf(b)];
  if (signA !== signB || signA === 0) return signA - signB;
  if (a.magnitude !== b.magnitude) return a.magnitude > b.magnitude ? signA : -signA;
  if (a.digits === b.digits) return 0;
  return a.digits > b.digits ? signA : -signA;
}

/**
 * Returns whether a double says what a decimal text says. It does if its shortest form has the same
 * value. It also does if the text has no more than 17 significant digits and the double, written
 * with as many (as C's `%.17g` does), gives the text.
 */
export function isHeldByDouble(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  if (String(value) === text) return true;
  const decimal = readDecimal(text);
  if (!decimal) return false;
  if (compareDecimals(decimal, decimalOf(value)) === 0) return true;
  const digits = decimal.digits.length;
  if (digits > DIGITS_OF_A_DOUBLE) return false;
  return compareDecimals(decimal, readDecimal(value.toPrecision(digits))!) === 0;
}

/**
 * Returns whether readers keep a JSON number as text because no JavaScript number holds it: an
 * integer beyond 2⁵³, as databases count them, or another number for which `isHeldByDouble` is
 * false. Returns false for a text that is not a JSON number.
 */
export function isKeptAsText(text: string): boolean {
  const value = Number(text);
  // Most numbers end here, and this test is faster than the regular expressions.
  if (String(value) === text && (Number.isSafeInteger(value) || !Number.isInteger(value))) return false;
  if (!JSON_NUMBER.test(text)) return false;
  return INTEGER.test(text) ? !Number.isSafeInteger(value) : !isHeldByDouble(text);
}

/** Returns the value of a finite number in its shortest decimal form. */
export function decimalOf(value: number): Decimal {
  return readDecimal(String(value))!;
}

function signOf({ isNegative, digits }: Decimal): -1 | 0 | 1 {
  if (digits === '') return 0;
  return isNegative ? -1 : 1;
}
