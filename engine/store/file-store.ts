import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders } from '../files/make-folders.js';
import {
  createFile,
  etagOf,
  infoOf,
  remove,
  removeOrphans,
  statFile,
  syncDirectory,
  writeTemporary,
} from './file-entry.js';
import { fileError, isMissing } from './file-errors.js';
import { listFiles } from './file-listing.js';
import { replaceFile } from './file-replace.js';
import type { LargeBody } from './large-body.js';
import { checkPortableKey, checkRange } from './object-key.js';
import type {
  ObjectInfo,
  ObjectStore,
  PutOptions,
  PutResult,
  ReadOptions,
  WriteCondition,
} from './object-store.js';
import { checkCancelled, objectChanged, objectNotFound } from './store-errors.js';

const PIECE_BYTES = 1 << 20;
/** A whole file is read at once up to this size, so that its pieces need not be joined. */
const LARGEST_READ_BYTES = 1 << 26;

/**
 * Keeps objects as files under a directory. It is safe among threads, processes, and hosts with a
 * common POSIX file system.
 */
export class FileStore implements ObjectStore {
  readonly root: string;
  readonly #path: string;
  readonly #tidied = new Set<string>();

  /**
   * `path` is absolute, with a trailing slash only if it is `/`. It need not exist before the first
   * write.
   */
  constructor(path: string) {
    this.#path = path;
    this.root = path === '/' ? 'file://' : `file://${path}`;
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#at(key, undefined, async (path) => {
      const stats = await statFile(path);
      return stats && infoOf(key, stats);
    });
  }

  async get(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#read(key, options, LARGEST_READ_BYTES)) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  async *stream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    yield* this.#read(key, options, PIECE_BYTES);
  }

  async *#read(
    key: string,
    { range, ifMatch, signal }: ReadOptions,
    pieceBytes: number,
  ): AsyncGenerator<Uint8Array> {
    checkRange(range);
    const uri = `${this.root}/${key}`;
    const file = await this.#at(key, signal, async (path) => {
      // This is checked first because opening a named pipe would wait for its writer.
      if (!(await statFile(path))) throw objectNotFound(uri);
      return open(path, 'r').catch((error: unknown) => {
        throw isMissing(error) ? objectNotFound(uri) : error;
      });
    });
    try {
      const before = await file.stat({ bigint: true });
      if (ifMatch !== undefined && ifMatch !== etagOf(before)) throw objectChanged(uri);
      const end = Math.min(range?.end ?? Number.MAX_SAFE_INTEGER, Number(before.size));
      for (let position = range?.start ?? 0; position < end; ) {
        const piece = Buffer.allocUnsafe(Math.min(pieceBytes, end - position));
        const { bytesRead } = await file.read(piece, 0, piece.length, position);
        checkCancelled(signal);
        if (bytesRead === 0) break;
        position += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
      if (etagOf(await file.stat({ bigint: true })) !== etagOf(before)) throw objectChanged(uri);
    } catch (error) {
      throw fileError(error, uri);
    } finally {
      await file.close();
    }
  }

  async put(key: string, body: Uint8Array | LargeBody, options: PutOptions = {}): Promise<PutResult> {
    const { condition, signal } = options;
    return this.#at(key, signal, async (target) => {
      if (condition && !(await holds(condition, target))) return { outcome: 'refused' };
      const directory = dirname(target);
      await this.#prepare(directory);
      const temporary = await writeTemporary(directory, body, signal);
      try {
        const written =
          condition && 'ifAbsent' in condition
            ? await createFile(temporary, target)
            : await replaceFile({ temporary, target, expected: condition?.ifMatch, signal });
        if (!written) return { outcome: 'refused' };
        await syncDirectory(directory);
        return { outcome: 'written', etag: temporary.etag };
      } finally {
        await remove(temporary.path);
      }
    });
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    for await (const page of listFiles(this.#path, this.root, prefix)) yield* page;
  }

  async delete(key: string): Promise<void> {
    await this.#at(key, undefined, async (path) => {
      if (await statFile(path)) await remove(path);
    });
  }

  async close(): Promise<void> {}

  async #prepare(directory: string): Promise<void> {
    await makeFolders(directory);
    if (this.#tidied.has(directory)) return;
    this.#tidied.add(directory);
    await removeOrphans(directory);
  }

  async #at<T>(
    key: string,
    signal: AbortSignal | undefined,
    operation: (path: string) => Promise<T>,
  ): Promise<T> {
    checkPortableKey(key);
    checkCancelled(signal);
    try {
      return await operation(join(this.#path, key));
    } catch (error) {
      checkCancelled(signal);
      throw fileError(error, `${this.root}/${key}`);
    }
  }
}

/** Checks a condition before the content is written, so that most refusals cost nothing. */
async function holds(condition: WriteCondition, target: string): Promise<boolean> {
  const stats = await statFile(target);
  return 'ifAbsent' in condition
    ? stats === undefined
    : stats !== undefined && etagOf(stats) === condition.ifMatch;
}
