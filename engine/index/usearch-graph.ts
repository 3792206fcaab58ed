import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HnswParameters } from '../../core/index/index-options.js';
import { unreachableSlots } from '../../core/index/unreachable-slots.js';
import { lastWhere } from '../../core/last-where.js';
import { graphFileIn, readGraphFile, readNodes, replaceKeys } from './graph-file.js';
import { parseGraphHead } from './graph-head.js';
import type { GrowingGraph } from './growing-graph.js';
import { indexError } from './index-errors.js';
import { IndexWorker } from './index-worker.js';
import { USEARCH_VERSION } from './usearch.js';

/**
 * A graph that usearch builds with threads of its own. Errors of every method: SESSION_LOST where
 * the thread that calls usearch ended, INTERNAL where usearch failed.
 *
 * Until the graph is finished, rows are numbered from 0. usearch notes each key in a table, and
 * keys of several shards have equal places in it, so that adding them takes a time that grows with
 * the square of the rows.
 */
export class UsearchGraph implements GrowingGraph {
  readonly #worker = new IndexWorker();
  readonly #folder: string;
  readonly #threads: number;
  readonly #keys: BigUint64Array[] = [];
  /** The number of the first row of each of `#keys`. */
  readonly #firsts: number[] = [];
  #rows = 0;

  private constructor(folder: string, threads: number) {
    this.#folder = folder;
    this.#threads = threads;
  }

  static async open(parameters: HnswParameters, threads: number): Promise<UsearchGraph> {
    const graph = new UsearchGraph(await mkdtemp(join(tmpdir(), 'vectormill-index-')), threads);
    try {
      await graph.#worker.run({ kind: 'open', parameters });
      return graph;
    } catch (error) {
      await graph.close();
      throw error;
    }
  }

  async add(keys: BigUint64Array, vectors: Float32Array): Promise<void> {
    const first = this.#rows;
    const numbers = BigUint64Array.from(keys, (_, place) => BigInt(first + place));
    this.#keys.push(keys);
    this.#firsts.push(first);
    this.#rows += keys.length;
    await this.#worker.run({ kind: 'add', keys: numbers, vectors, threads: this.#threads });
  }

  async unreachable(): Promise<BigUint64Array> {
    const file = await readGraphFile(await this.#save());
    const { rows, baseConnectivity, entry } = file.shape;
    const base = new Int32Array(rows * baseConnectivity);
    const { keys } = readNodes(file, base);
    const slots = unreachableSlots(base, baseConnectivity, entry);
    return BigUint64Array.from(slots, (slot) => this.#keyOf(keys[slot]!)).sort();
  }

  async reinsert(keys: BigUint64Array, vectors: Float32Array): Promise<void> {
    const numbers = BigUint64Array.from(keys, (key) => this.#numberOf(key));
    await this.#worker.run({ kind: 'again', keys: numbers, vectors });
  }

  async nearest(_: BigUint64Array, vectors: Float32Array, k: number): Promise<BigUint64Array[]> {
    const lists = await this.#worker.run({ kind: 'near', vectors, k });
    return lists.map(({ keys }) => BigUint64Array.from(keys, (number) => this.#keyOf(number)));
  }

  /** The graph is no longer in memory when its bytes are read. */
  async finish(): Promise<Uint8Array> {
    const file = await this.#save();
    await this.#worker.close();
    const bytes = await readFile(file);
    const version = parseGraphHead(bytes)?.version;
    if (version === USEARCH_VERSION) {
      replaceKeys(graphFileIn(bytes), (number) => this.#keyOf(number));
      return bytes;
    }
    throw indexError(
      'INTERNAL',
      `usearch ${version} wrote this graph, and ${USEARCH_VERSION} is expected`,
      'Install the release of usearch that package-lock.json names.',
    );
  }

  async close(): Promise<void> {
    await this.#worker.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #keyOf(number: bigint): bigint {
    const at = lastWhere(this.#firsts.length, (place) => this.#firsts[place]! <= Number(number));
    return this.#keys[at]![Number(number) - this.#firsts[at]!]!;
  }

  /** Keys ascend, so that the number of a row can be searched for. */
  #numberOf(key: bigint): bigint {
    const at = lastWhere(this.#keys.length, (place) => this.#keys[place]![0]! <= key);
    const keys = this.#keys[at]!;
    return BigInt(this.#firsts[at]! + lastWhere(keys.length, (place) => keys[place]! <= key));
  }

  async #save(): Promise<string> {
    const file = join(this.#folder, 'graph.usearch');
    await this.#worker.run({ kind: 'save', file });
    return file;
  }
}
