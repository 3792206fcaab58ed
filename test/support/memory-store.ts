import { createHash } from 'node:crypto';
import { throwIfStopped } from '../../engine/concurrency/stop.js';
import { type LargeBody, piecesOfBody } from '../../engine/store/large-body.js';
import { checkPortableKey, checkPrefix, checkRange } from '../../engine/store/object-key.js';
import type {
  ObjectInfo,
  ObjectStore,
  PutOptions,
  PutResult,
  ReadOptions,
} from '../../engine/store/object-store.js';
import { objectChanged, objectNotFound } from '../../engine/store/store-errors.js';

const PIECE_BYTES = 1 << 20;

interface StoredObject {
  bytes: Uint8Array;
  info: ObjectInfo;
}

/** A store in the memory of this process, for more objects than a folder takes in a test's time. */
export class MemoryStore implements ObjectStore {
  readonly #objects = new Map<string, StoredObject>();

  constructor(readonly root: string) {}

  async head(key: string): Promise<ObjectInfo | undefined> {
    checkPortableKey(key);
    return this.#objects.get(key)?.info;
  }

  async get(key: string, { range, ifMatch }: ReadOptions = {}): Promise<Uint8Array> {
    checkPortableKey(key);
    checkRange(range);
    const found = this.#objects.get(key);
    if (!found) throw objectNotFound(`${this.root}/${key}`);
    if (ifMatch !== undefined && ifMatch !== found.info.etag) throw objectChanged(`${this.root}/${key}`);
    return Uint8Array.prototype.slice.call(found.bytes, range?.start, range?.end);
  }

  async *stream(key: string, options?: ReadOptions): AsyncIterable<Uint8Array> {
    const bytes = await this.get(key, options);
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      if (options?.signal) throwIfStopped(options.signal);
      yield bytes.subarray(start, start + PIECE_BYTES);
    }
  }

  async put(
    key: string,
    body: Uint8Array | LargeBody,
    { condition, signal }: PutOptions = {},
  ): Promise<PutResult> {
    checkPortableKey(key);
    if (signal) throwIfStopped(signal);
    const pieces: Uint8Array[] = [];
    for await (const piece of piecesOfBody(body, PIECE_BYTES)) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const etag = this.#objects.get(key)?.info.etag;
    if (condition && 'ifAbsent' in condition && etag !== undefined) return { outcome: 'refused' };
    if (condition && 'ifMatch' in condition && etag !== condition.ifMatch) return { outcome: 'refused' };
    const info = {
      key,
      size: bytes.length,
      etag: createHash('md5').update(bytes).digest('hex'),
      modifiedAt: Date.now(),
    };
    this.#objects.set(key, { bytes, info });
    return { outcome: 'written', etag: info.etag };
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    const found = [...this.#objects.values()].filter(({ info }) => info.key.startsWith(prefix));
    yield* found
      .map(({ info }) => info)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  async delete(key: string): Promise<void> {
    checkPortableKey(key);
    this.#objects.delete(key);
  }

  async close(): Promise<void> {}

  /** Returns another store with the same objects. */
  copy(): MemoryStore {
    const copy = new MemoryStore(this.root);
    for (const [key, object] of this.#objects) copy.#objects.set(key, object);
    return copy;
  }
}
