import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HnswParameters } from '../../core/index/index-options.js';
import { unreachableSlots } from '../../core/index/unreachable-slots.js';
import { readGraphFile, readNodes } from './graph-file.js';
import { parseGraphHead } from './graph-head.js';
import type { GrowingGraph } from './growing-graph.js';
import { indexError } from './index-errors.js';
import { IndexWorker } from './index-worker.js';
import { USEARCH_VERSION } from './usearch.js';

/**
 * A graph that usearch builds with threads of its own. Errors of every method: SESSION_LOST where
 * the thread that calls usearch ended, INTERNAL where usearch failed.
 */
export class UsearchGraph implements GrowingGraph {
  readonly #worker = new IndexWorker();
  readonly #folder: string;
  readonly #threads: number;

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
    await this.#worker.run({ kind: 'add', keys, vectors, threads: this.#threads });
  }

  async unreachable(): Promise<BigUint64Array> {
    const file = await readGraphFile(await this.#save());
    const { rows, baseConnectivity, entry } = file.shape;
    const base = new Int32Array(rows * baseConnectivity);
    const { keys } = readNodes(file, base);
    const slots = unreachableSlots(base, baseConnectivity, entry);
    return BigUint64Array.from(slots, (slot) => keys[slot]!).sort();
  }

  async reinsert(keys: BigUint64Array, vectors: Float32Array): Promise<void> {
    await this.#worker.run({ kind: 'again', keys, vectors });
  }

  async nearest(_: BigUint64Array, vectors: Float32Array, k: number): Promise<BigUint64Array[]> {
    const lists = await this.#worker.run({ kind: 'near', vectors, k });
    return lists.map(({ keys }) => keys);
  }

  /** The graph is no longer in memory when its bytes are read. */
  async finish(): Promise<Uint8Array> {
    const file = await this.#save();
    await this.#worker.close();
    const bytes = await readFile(file);
    const version = parseGraphHead(bytes)?.version;
    if (version === USEARCH_VERSION) return bytes;
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

  async #save(): Promise<string> {
    const file = join(this.#folder, 'graph.usearch');
    await this.#worker.run({ kind: 'save', file });
    return file;
  }
}
