import { isVectormillError } from '../../core/errors.js';
import type { ByteRange, ObjectStore, ReadOptions } from '../store/object-store.js';
import { inputChanged } from './corpus-errors.js';

/** One input object as it was planned. Reading another state of it is the error INPUT_CHANGED. */
export interface ByteSource {
  uri: string;
  etag: string;
  /** The object's size in bytes. */
  objectBytes: number;
  store: ObjectStore;
  key: string;
  signal?: AbortSignal | undefined;
  /** The bytes of the whole object, if they have been asked for already. */
  ahead?: Promise<Uint8Array> | undefined;
}

/**
 * Yields bytes `[start, end)`, piece by piece.
 * Errors: INPUT_CHANGED, also if the object is gone, and the store's own.
 */
export async function* streamBytes(source: ByteSource, range: ByteRange): AsyncGenerator<Uint8Array> {
  if (range.start >= range.end) return;
  if (source.ahead) {
    yield await fetchBytes(source, range);
    return;
  }
  try {
    yield* source.store.stream(source.key, readOptions(source, range));
  } catch (error) {
    throw asChanged(source, error);
  }
}

/** Returns bytes `[start, end)` at once. Errors: as `streamBytes`. */
export async function fetchBytes(source: ByteSource, range: ByteRange): Promise<Uint8Array> {
  if (source.ahead) return (await source.ahead).subarray(range.start, range.end);
  try {
    return await source.store.get(source.key, readOptions(source, range));
  } catch (error) {
    throw asChanged(source, error);
  }
}

/** Yields all bytes of an object. Errors: as `streamBytes`. */
export function wholeObject(source: ByteSource): AsyncGenerator<Uint8Array> {
  return streamBytes(source, { start: 0, end: source.objectBytes });
}

function readOptions({ etag, signal }: ByteSource, range: ByteRange): ReadOptions {
  return { range, ifMatch: etag, ...(signal && { signal }) };
}

function asChanged(source: ByteSource, error: unknown): unknown {
  if (!isVectormillError(error)) return error;
  return error.code === 'OBJECT_NOT_FOUND' || error.code === 'INPUT_CHANGED'
    ? inputChanged(source.uri, error)
    : error;
}
