import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Compressors, ParquetParsers } from 'hyparquet';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { compressors as portable } from 'hyparquet-compressors';
import { decodeUtf8 } from '../decode-text.js';
import { INVALID_UTF8 } from '../json-value.js';

const NOTHING = new Uint8Array(0);

/**
 * Uses Node's own decompressors where it has them, and decodes empty LZ4 input, which
 * hyparquet-compressors 1.1 takes for damage.
 */
export const COMPRESSORS: Compressors = {
  ...portable,
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  LZ4: (input, length) => (length === 0 ? NOTHING : portable.LZ4!(input, length)),
  LZ4_RAW: (input, length) => (length === 0 ? NOTHING : portable.LZ4_RAW!(input, length)),
};

/**
 * The parsers with which this reader hands on values: strings are checked for UTF-8, and times
 * become ISO 8601 in their own precision.
 */
export const PARSERS: ParquetParsers = {
  ...DEFAULT_PARSERS,
  timestampFromMilliseconds: (millis) => (millis === undefined ? millis : isoTime(millis, 3)),
  timestampFromMicroseconds: (micros) => (micros === undefined ? micros : isoTime(micros, 6)),
  timestampFromNanoseconds: (nanos) => (nanos === undefined ? nanos : isoTime(nanos, 9)),
  dateFromDays: (days) => (days === undefined ? days : isoDate(days)),
  stringFromBytes: (bytes) => bytes && (decodeUtf8(bytes) ?? INVALID_UTF8),
  jsonFromBytes: (bytes) => bytes && (decodeUtf8(bytes) ?? INVALID_UTF8),
};

/** Returns `2024-02-29T12:00:00.123456Z` for a count of 10^-digits seconds since the epoch. */
function isoTime(value: bigint, digits: 3 | 6 | 9): string {
  const unit = 10n ** BigInt(digits);
  const fraction = ((value % unit) + unit) % unit;
  const seconds = (value - fraction) / unit;
  const date = new Date(Number(seconds) * 1000);
  // The value lies beyond the years that a date can hold.
  if (Number.isNaN(date.getTime())) return String(value);
  return `${date.toISOString().slice(0, -5)}.${String(fraction).padStart(digits, '0')}Z`;
}

function isoDate(days: number): string {
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime()) ? String(days) : date.toISOString().slice(0, -14);
}
