import { isVectormillError } from '../../core/errors.js';
import type { ObjectStore } from '../store/object-store.js';

/** A record as it was read, with its entity tag, on which a compare-and-swap depends. */
export interface Tagged<T> {
  record: T;
  etag: string;
}

/**
 * A read that met a write counts as no read; so many in a row mean that something else is wrong.
 */
const ATTEMPTS = 16;

/**
 * Reads a record that others swap meanwhile; undefined where there is none. Errors: those of
 * `parse`; INPUT_CHANGED where others write it without end.
 */
export async function readTagged<T>(
  store: ObjectStore,
  key: string,
  parse: (bytes: Uint8Array, file: string) => T,
): Promise<Tagged<T> | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const info = await store.head(key);
    if (!info) return undefined;
    try {
      const bytes = await store.get(key, { ifMatch: info.etag });
      return { record: parse(bytes, `${store.root}/${key}`), etag: info.etag };
    } catch (error) {
      const isMoving = isVectormillError(error) && ['INPUT_CHANGED', 'OBJECT_NOT_FOUND'].includes(error.code);
      if (!isMoving || attempt === ATTEMPTS) throw error;
    }
  }
}
