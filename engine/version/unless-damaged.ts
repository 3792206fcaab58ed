import { isVectormillError } from '../../core/errors.js';

/**
 * Returns what `read` gives, or undefined where the file that it reads is gone or damaged, so that
 * what it would have held is made anew. Errors: all others.
 */
export async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isVectormillError(error) && DAMAGES.has(error.code)) return undefined;
    throw error;
  }
}

const DAMAGES: ReadonlySet<string> = new Set([
  'OBJECT_NOT_FOUND',
  // A collection may delete a version between two requests.
  'VERSION_NOT_FOUND',
  'CHECKSUM_MISMATCH',
  'FILE_DAMAGED',
  'INDEX_MISMATCH',
]);
