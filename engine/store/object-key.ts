import type { ByteRange } from './object-store.js';
import { badUri } from './store-errors.js';

/** File names that start so are the file store's own, in no listing and open to no caller. */
export const RESERVED_NAME_PREFIX = '.vectormill-';

/** Refuses what no store can have, or what one could take for a way out of its root. Errors: USAGE. */
export function checkKey(key: string): void {
  const leadsAway = key.split('/').some((name) => name === '.' || name === '..');
  if (key === '' || leadsAway || key.includes('\0') || /\p{Surrogate}/u.test(key))
    throw badUri('not a usable object key', key);
}

/**
 * Refuses, besides, what S3 could hold and a file system could not hold under that very name: absolute keys, empty
 * segments, and names that are reserved. Errors: USAGE.
 */
export function checkPortableKey(key: string): void {
  checkKey(key);
  if (key.split('/').some((name) => name === '' || name.startsWith(RESERVED_NAME_PREFIX)))
    throw badUri('not an object key that every store can hold', key);
}

/** A prefix may end anywhere, but the folders it names must be usable. Errors: USAGE. */
export function checkPrefix(prefix: string): void {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') checkKey(folder);
}

/** A range is a caller's own arithmetic, so a bad one is a RangeError and no user's fault. */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return;
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw new RangeError(`byte range [${start}, ${end})`);
}
