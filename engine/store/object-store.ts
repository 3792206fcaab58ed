/** What a listing or a head says of one object. */
export interface ObjectInfo {
  /** Relative to the store's root, `/`-separated, never starting with `/`. */
  key: string;
  /** Size in bytes. */
  size: number;
  /** Changes whenever the content does. */
  etag: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

/** Bytes `[start, end)` of an object. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Under what condition a write may happen. */
export type WriteCondition = { ifAbsent: true } | { ifMatch: string };

export interface PutOptions {
  condition?: WriteCondition;
  /** Take the path for large objects whatever the size; no difference where a store has one path only. */
  multipart?: boolean;
  signal?: AbortSignal;
}

/**
 * `written`: this call's bytes are there. `refused`: the condition did not hold and nothing changed.
 * After a lost response a store finds out by reading: equal bytes count as written, whoever wrote them, so
 * a record that must tell two writers apart has to name its writer.
 */
export type PutResult = { outcome: 'written'; etag: string } | { outcome: 'refused' };

export interface ReadOptions {
  range?: ByteRange;
  /** Fail with INPUT_CHANGED when the object's entity tag is another. */
  ifMatch?: string;
  signal?: AbortSignal;
}

/**
 * Durable objects under one root. Errors: OBJECT_NOT_FOUND, INPUT_CHANGED, STORE_DENIED, STORE_UNAVAILABLE,
 * STORE_UNSUPPORTED, CHECKSUM_MISMATCH, CANCELLED, and USAGE for a key that is malformed or leaves the root.
 */
export interface ObjectStore {
  /** The root, `s3://bucket/prefix` or `file:///path`, without a trailing slash. */
  readonly root: string;
  /** Undefined where there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** The whole object or a range of it; a range past the end is cut at the end. */
  get(key: string, options?: ReadOptions): Promise<Uint8Array>;
  /** The same, piece by piece, resuming within the object after a broken connection. */
  stream(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** One durable object, visible whole or not at all; multipart above a size, aborted on failure. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<PutResult>;
  /** All objects whose key starts with `prefix`, in key order (UTF-8 bytes), page by page. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** No error where there is no such object. Not ordered against a conditional write of the same key. */
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}
