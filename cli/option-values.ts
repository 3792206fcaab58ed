import { InvalidArgumentError } from 'commander';
import { parseByteCount } from '../core/byte-count.js';
import { NAME_PATTERN, NAME_RULE } from '../core/name.js';
import { parseTimeSpan } from '../core/time-span.js';

/**
 * Reads a whole number between two inclusive bounds. Any other text is refused before the command
 * runs.
 */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/**
 * The largest number of bytes of a text in an argument. It is far more than any model reads of a
 * text. If the command line is longer than some 12,000 bytes, an ONNX Runtime session in a worker
 * thread ends the process.
 */
export const ARGUMENT_BYTES = 8_000;

/** Reads a text that will be embedded from an argument. */
export function shortText(text: string): string {
  if (Buffer.byteLength(text) <= ARGUMENT_BYTES) return text;
  throw new InvalidArgumentError(`It must not be longer than ${ARGUMENT_BYTES} bytes.`);
}

/**
 * Reads `now`, or a time that is not to come, in ISO 8601 with its zone. Returns the time in ms
 * since the epoch.
 */
export function pastTime(text: string): number | 'now' {
  if (text === 'now') return text;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError('It must be `now`, or a time with its zone such as 2026-11-21T02:00:00Z.');
  if (time > Date.now()) throw new InvalidArgumentError('It must not lie in the future.');
  return time;
}

/** Refuses an empty value, which a script would pass for an unset variable. */
export function nonEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It must not be empty.');
}

/** Reads a name of a dataset, a version or a ref. */
export function properName(text: string): string {
  if (NAME_PATTERN.test(text)) return text;
  throw new InvalidArgumentError(`It must be ${NAME_RULE}.`);
}

/**
 * Reads whole numbers between two inclusive bounds, separated by commas. Returns each once, the
 * lowest first.
 */
export function wholeNumbers(from: number, to: number): (text: string) => number[] {
  const read = wholeNumber(from, to);
  return (text) => [...new Set(text.split(',').map((part) => read(part.trim())))].sort((a, b) => a - b);
}

/** Reads one of some words. The function carries the words, so that a shell can complete them. */
export function oneOf<Word extends string>(
  words: readonly Word[],
): ((text: string) => Word) & { words: readonly Word[] } {
  const read = (text: string) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It must be one of: ${words.join(', ')}.`);
  };
  return Object.assign(read, { words });
}

/** Reads a number between two inclusive bounds. */
export function numberWithin(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a number from ${from} to ${to}.`);
  };
}

/** Collects the values of an option that may be given several times. */
export function repeated(text: string, previous: unknown): string[] {
  return [...((previous as string[] | undefined) ?? []), nonEmpty(text)];
}

/** Reads a share above 0 and up to 1 as a decimal number. */
export function fraction(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number above 0 and at most 1.');
}

/** Reads a whole number of seconds, minutes, hours or days, and returns ms. */
export function timeSpan(text: string): number {
  const span = parseTimeSpan(text);
  if (span !== undefined) return span;
  throw new InvalidArgumentError('It must be a whole number of s, m, h or d, such as 90m or 30d.');
}

/** Reads a number of bytes: `800MB`, `4GB`, `4GiB` or plain digits. */
export function byteCount(text: string): number {
  const bytes = parseByteCount(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError('It must be a size such as 800MB or 4GB.');
}
