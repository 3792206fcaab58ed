import { isKeptAsText } from '../../core/decimal.js';
import { parseNumber } from './exact-number.js';
import { setOwn } from './set-own.js';

/**
 * A double holds every number with fewer digits and points in a row than this, unless its exponent
 * is extreme.
 */
const LONG_RUN = 16;
const EXPONENT = /\d[eE][+-]?\d{2}/;
const EXPONENT_HERE = /[eE][+-]?\d+/y;
const MIN_NORMAL_DOUBLE = Number.MIN_VALUE * 2 ** 52;

/**
 * Parses JSON as JSON.parse does, with an ExactNumber for each number that a double cannot hold.
 * Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return hasLongNumber(text) || EXPONENT.test(text) ? withExactNumbers(text) : value;
}

/**
 * Returns `value`, which was parsed from the text, with the digits that `parts` of it may have
 * lost. For a usual record this costs only a look at its numbers and at every 16th place of its
 * text.
 */
export function restoreDigits<Value>(text: string, value: Value, parts: readonly unknown[]): Value {
  const found = numbersIn(parts);
  if (found === 'none') return value;
  const mayBeRounded = hasLongNumber(text) || (found === 'extreme' && EXPONENT.test(text));
  return mayBeRounded ? (withExactNumbers(text) as Value) : value;
}

/**
 * Says whether the text has a long number that no double can hold; it may stand in a string. A run
 * of so many digits and points covers every 16th place of the text at least once.
 */
function hasLongNumber(text: string): boolean {
  for (let at = LONG_RUN - 1; at < text.length; at += LONG_RUN) {
    if (!isDigitOrPoint(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigitOrPoint(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (isDigitOrPoint(text.charCodeAt(end))) end += 1;
    if (end - start < LONG_RUN) continue;
    EXPONENT_HERE.lastIndex = end;
    if (isKeptAsText(text.slice(start, end) + (EXPONENT_HERE.exec(text)?.[0] ?? ''))) return true;
    // Other places within the same run would give the same answer.
    at += Math.floor((end - 1 - at) / LONG_RUN) * LONG_RUN;
  }
  return false;
}

function isDigitOrPoint(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x2e;
}

/**
 * Says whether there are numbers at any depth of the values, and whether an exponent may have made
 * one of them 0 or infinite.
 */
function numbersIn(values: readonly unknown[]): 'none' | 'usual' | 'extreme' {
  const open = [...values];
  let found: 'none' | 'usual' = 'none';
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'number') {
      const size = Math.abs(value);
      if (size < MIN_NORMAL_DOUBLE || size === Number.POSITIVE_INFINITY) return 'extreme';
      found = 'usual';
    } else if (typeof value === 'object' && value !== null) {
      for (const member of Object.values(value)) open.push(member);
    }
  }
  return found;
}

interface Container {
  value: unknown[] | object;
  /** The member whose value comes next; undefined if a key comes next. */
  key: string | undefined;
}

/** Returns the value of a text that is known to be JSON, however deeply it is nested. */
function withExactNumbers(text: string): unknown {
  const open: Container[] = [];
  let root: unknown;
  const add = (value: unknown) => {
    const container = open.at(-1);
    if (container === undefined) root = value;
    else if (Array.isArray(container.value)) container.value.push(value);
    else {
      setOwn(container.value, container.key!, value);
      container.key = undefined;
    }
  };
  for (let at = 0; at < text.length; ) {
    const first = text[at]!;
    if (first === '{' || first === '[') {
      const value = first === '{' ? {} : [];
      add(value);
      open.push({ value, key: undefined });
      at += 1;
    } else if (first === '}' || first === ']') {
      open.pop();
      at += 1;
    } else if (first === '"') {
      const end = stringEnd(text, at);
      const string = stringOf(text, at, end);
      const container = open.at(-1);
      if (container && !Array.isArray(container.value) && container.key === undefined) container.key = string;
      else add(string);
      at = end;
    } else if (' \t\r\n,:'.includes(first)) {
      at += 1;
    } else {
      const end = scalarEnd(text, at);
      const spelling = text.slice(at, end);
      add('tfn'.includes(first) ? JSON.parse(spelling) : parseNumber(spelling));
      at = end;
    }
  }
  return root;
}

/** Returns the place after the closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = quote;
    while (text[backslashes - 1] === '\\') backslashes -= 1;
    if ((quote - backslashes) % 2 === 0) return quote + 1;
  }
}

function stringOf(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inner;
}

function scalarEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !' \t\r\n,:]}'.includes(text[at]!)) at += 1;
  return at;
}
