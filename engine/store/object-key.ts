import type { ByteRange } from './object-store.js';
import { badUri } from './store-errors.js';

/**
 * File names that start with this belong to the file store. No listing shows them and no caller may
 * use them.
 */
export const RESERVED_NAME_PREFIX = '.vectormill-';

/**
 * Refuses keys that no store can have, or that a store could take for a way out of its root.
 * Errors: USAGE.
 */
export function checkKey(key: string): void {
  const leadsAway = key.split('/').some((name) => name === '.' || name === '..');
  if (key === '' || leadsAway || key.includes('\0') || /\p{Surrogate}/u.test(key))
    throw badUri('not a usable object key', key);
}

/**
 * Also refuses what S3 could hold but a file system could not hold under that very name: absolute
 * keys, empty segments, and names that are reserved. Errors: USAGE.
 */
export function checkPortableKey(key: string): void {
  checkKey(key);
  if (key.split('/').some((name) => name === '' || name.startsWith(RESERVED_NAME_PREFIX)))
    throw badUri('not an object key that every store can hold', key);
}

/**
 * Checks a prefix. It may end anywhere, but the folders that it names must be usable. Errors:
 * USAGE.
 */
export function checkPrefix(prefix: string): void {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') checkKey(folder);
}

/**
 * Checks a range. The calling code computes it, so a bad one is a RangeError and not a user's
 * error.
 */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return;
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw new RangeError(`byte range [${start}, ${end})`);
}
