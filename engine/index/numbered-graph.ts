import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Index } from 'usearch';
import type { HnswParameters } from '../../core/index/index-options.js';
import { appendBytes } from '../files/whole-file.js';
import { type GraphFile, readGraphFile, replaceKeys } from './graph-file.js';
import { headOffset } from './graph-head.js';
import type { SearchableGraph } from './graph-search.js';
import { type Candidates, newGraph } from './usearch.js';

/**
 * A graph in memory that usearch searches. In place of the keys of its rows, usearch has their
 * slots, because it notes each key in a table, and keys of several shards have equal places in it,
 * so that reading them takes a time that grows with the square of the rows.
 */
export class NumberedGraph implements SearchableGraph {
  readonly #index: Index;
  /** The row key of each slot. */
  readonly #keys: BigUint64Array;

  private constructor(index: Index, keys: BigUint64Array) {
    this.#index = index;
    this.#keys = keys;
  }

  /**
   * Reads a checked file. Meanwhile, a copy of it lies in the folder for temporary files. Errors:
   * FILE_DAMAGED; the system's.
   */
  static async read(
    path: string,
    parameters: HnswParameters,
    expansionSearch: number,
  ): Promise<NumberedGraph> {
    const file = await readGraphFile(path);
    const keys = new BigUint64Array(file.shape.rows);
    replaceKeys(file, (key, slot) => {
      keys[slot] = key;
      return BigInt(slot);
    });
    const folder = await mkdtemp(join(tmpdir(), 'vectormill-graph-'));
    try {
      const copy = join(folder, 'graph.usearch');
      await writeCopy(path, copy, file);
      const index = newGraph(parameters, expansionSearch);
      index.load(copy);
      return new NumberedGraph(index, keys);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  size(): number {
    return this.#index.size();
  }

  search(target: Float32Array, count: number, threads: number): Candidates {
    const { keys, distances } = this.#index.search(target, count, threads);
    return { keys: keys.map((slot) => this.#keys[Number(slot)]!), distances };
  }
}

/** The number of bytes of the vectors that are copied at once. */
const COPIED_BYTES = 4 * 1024 * 1024;

/** Writes a file with the vectors of another one, and with these bytes after them. */
async function writeCopy(path: string, copy: string, { shape, rest }: GraphFile): Promise<void> {
  const end = headOffset(shape.rows, shape.rowBytes) - 1;
  const handle = await open(copy, 'wx');
  try {
    for await (const bytes of createReadStream(path, { end, highWaterMark: COPIED_BYTES }))
      await appendBytes(handle, bytes as Buffer);
    await appendBytes(handle, rest);
  } finally {
    await handle.close();
  }
}
