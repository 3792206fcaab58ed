import { compareDecimals, decimalOf, isKeptAsText, readDecimal } from '../../core/decimal.js';

/**
 * A number in a record that no JavaScript number can hold, as its decimal digits. In metadata it
 * becomes a string.
 */
export class ExactNumber {
  constructor(readonly digits: string) {}

  toString(): string {
    return this.digits;
  }
}

/** Parses a JSON number (RFC 8259, 6) from its spelling. The result is NaN for any other text. */
export function parseNumber(spelling: string): number | ExactNumber {
  return isKeptAsText(spelling) ? new ExactNumber(spelling) : Number(spelling);
}

/** Returns the value `unscaled` × 10^-`scale` of a decimal column of a table. */
export function scaledNumber(unscaled: bigint, scale: number): number | ExactNumber {
  const digits = withPoint(unscaled.toString(), scale);
  const value = Number(digits);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return new ExactNumber(digits);
  return compareDecimals(readDecimal(digits)!, decimalOf(value)) === 0 ? value : new ExactNumber(digits);
}

function withPoint(integer: string, scale: number): string {
  if (scale <= 0) return integer === '0' ? integer : integer + '0'.repeat(-scale);
  const sign = integer.startsWith('-') ? '-' : '';
  const digits = integer.slice(sign.length).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
