import type { LargeBody } from './large-body.js';

/** The facts that a listing or a head tells about one object. */
export interface ObjectInfo {
  /** The key relative to the store's root, separated by `/`, never starting with `/`. */
  key: string;
  /** The size in bytes. */
  size: number;
  /** An entity tag that changes whenever the content does. */
  etag: string;
  /** The time in milliseconds since the epoch. */
  modifiedAt: number;
}

/** The bytes `[start, end)` of an object. */
export interface ByteRange {
  start: number;
  end: number;
}

/** The condition under which a write may happen. */
export type WriteCondition = { ifAbsent: true } | { ifMatch: string };

export interface PutOptions {
  condition?: WriteCondition;
  /**
   * Writes the object as a large one is written, whatever its size. It makes no difference in a
   * store that writes all objects in one way.
   */
  multipart?: boolean;
  signal?: AbortSignal;
}

/**
 * `written` means that this call's bytes are there. `refused` means that the condition did not hold
 * and nothing changed. After a lost response a store finds out by reading: equal bytes count as
 * written, whoever wrote them, so a record that must distinguish two writers has to name its
 * writer.
 */
export type PutResult = { outcome: 'written'; etag: string } | { outcome: 'refused' };

export interface ReadOptions {
  range?: ByteRange;
  /** Fails with INPUT_CHANGED if the object's entity tag is another. */
  ifMatch?: string;
  signal?: AbortSignal;
}

/**
 * Durable objects under one root. Errors: OBJECT_NOT_FOUND, INPUT_CHANGED, STORE_DENIED,
 * STORE_UNAVAILABLE, STORE_UNSUPPORTED, CHECKSUM_MISMATCH, CANCELLED, and USAGE for a key that is
 * malformed or leaves the root.
 */
export interface ObjectStore {
  /** The root, `s3://bucket/prefix` or `file:///path`, without a trailing slash. */
  readonly root: string;
  /** Describes an object, or returns undefined if there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Returns the whole object or a range of it. A range past the end is cut at the end. */
  get(key: string, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Yields the same bytes piece by piece, and resumes within the object after a broken connection.
   */
  stream(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /**
   * Writes one durable object, which is visible whole or not at all. Above a size it is uploaded in
   * parts, and the upload is aborted on failure. A few pieces of a large body are held at once.
   */
  put(key: string, body: Uint8Array | LargeBody, options?: PutOptions): Promise<PutResult>;
  /**
   * Yields all objects whose key starts with `prefix`, in key order (UTF-8 bytes), page by page.
   */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /**
   * Deletes an object. It is not an error if there is none. The order relative to a conditional
   * write of the same key is not defined.
   */
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}
