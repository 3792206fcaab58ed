import { Piscina } from 'piscina';
import type { HnswParameters } from '../../core/index/index-options.js';
import { unreachableSlots } from '../../core/index/unreachable-slots.js';
import { lastWhere } from '../../core/last-where.js';
import { threadEntry } from '../concurrency/thread-entry.js';
import { aligned, newSharedMemory } from '../kernels/instantiate.js';
import {
  type BuildLayout,
  type BuildSize,
  buildValues,
  drawLevels,
  layOutBuild,
  MAX_THREADS,
} from './build-layout.js';
import type { BuildPlaces, BuildReply, BuildTask, BuildWork } from './build-thread.js';
import { encodeHnswGraph } from './encode-graph.js';
import type { GrowingGraph } from './growing-graph.js';
import { threadLost } from './index-errors.js';
import { writeInt8Row } from './int8-row.js';

/**
 * A graph of int8 rows, compared by inner product, which our kernel builds in one memory that all
 * its threads work on. With one thread, the same rows give the same bytes. With several, the order
 * in which they finish rows decides about edges. Errors of every method: SESSION_LOST where a
 * thread ended.
 */
export class KernelGraph implements GrowingGraph {
  readonly #parameters: HnswParameters;
  readonly #levels: Uint8Array;
  /** The row key of each slot, ascending. */
  readonly #keys: BigUint64Array;
  readonly #size: BuildSize;
  readonly #layout: BuildLayout;
  readonly #memory: WebAssembly.Memory;
  readonly #places: BuildPlaces;
  readonly #threads: Piscina<BuildTask, BuildReply>;
  #added = 0;

  private constructor(parameters: HnswParameters, rows: number, threads: number) {
    const { connectivity } = parameters;
    this.#parameters = parameters;
    this.#levels = drawLevels(rows, connectivity);
    this.#keys = new BigUint64Array(rows);
    this.#size = { rows, upperLists: this.#levels.reduce((sum, level) => sum + level, 0) };
    this.#layout = layOutBuild(parameters, this.#size, threads);
    this.#memory = newSharedMemory(this.#layout.end);
    const { shared } = this.#layout;
    new Uint8Array(this.#memory.buffer, shared.levels, rows).set(this.#levels);
    const upperLists = this.#ints(shared.upperLists, rows);
    for (let slot = 1; slot < rows; slot += 1)
      upperLists[slot] = upperLists[slot - 1]! + this.#levels[slot - 1]!;
    this.#links().fill(-1);
    this.#upperLinks().fill(-1);
    this.#ints(shared.control, CONTROL_NUMBERS).set([0, 0, -1, -1]);
    const values = buildValues(this.#layout, parameters, this.#size);
    this.#places = { memory: this.#memory, values, claimed: shared.claimed };
    this.#threads = new Piscina<BuildTask, BuildReply>({
      ...threadEntry(import.meta.url, 'build-thread'),
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
    // A thread that dies also fails its task, and the error is handled there.
    this.#threads.on('error', () => undefined);
  }

  /**
   * Opens an empty graph with room for `rows` rows and with threads of its own. `isBuiltByKernel`
   * must be true of these parameters and rows.
   */
  static async open(parameters: HnswParameters, rows: number, threads: number): Promise<KernelGraph> {
    const graph = new KernelGraph(parameters, rows, Math.min(threads, MAX_THREADS));
    try {
      await graph.#byAll({ kind: 'open' });
      return graph;
    } catch (error) {
      await graph.close();
      throw error;
    }
  }

  async add(keys: BigUint64Array, vectors: Float32Array): Promise<void> {
    const { dimensions } = this.#parameters;
    const width = aligned(dimensions);
    const begin = this.#added;
    const end = begin + keys.length;
    this.#keys.set(keys, begin);
    const rows = new Int8Array(this.#memory.buffer, this.#layout.shared.vectors);
    for (let row = 0; row < keys.length; row += 1) {
      const at = (begin + row) * width;
      writeInt8Row(vectors, row * dimensions, rows.subarray(at, at + dimensions));
    }
    this.#control()[NEXT_SLOT] = begin;
    await this.#byAll({ kind: 'add', end });
    this.#added = end;
  }

  async unreachable(): Promise<BigUint64Array> {
    const slots = unreachableSlots(this.#links(), this.#baseConnectivity(), this.#control()[ENTRY_SLOT]!);
    return BigUint64Array.from(slots, (slot) => this.#keys[slot]!);
  }

  async reinsert(keys: BigUint64Array): Promise<void> {
    await this.#byOne({ kind: 'again', slots: this.#slotsOf(keys) });
  }

  async nearest(keys: BigUint64Array, _: Float32Array, k: number): Promise<BigUint64Array[]> {
    const lists = await this.#byOne({ kind: 'near', slots: this.#slotsOf(keys), k });
    return lists.map((slots) => BigUint64Array.from(slots, (slot) => this.#keys[slot]!));
  }

  async finish(): Promise<Uint8Array> {
    await this.close();
    const { dimensions } = this.#parameters;
    const control = this.#control();
    return encodeHnswGraph({
      parameters: this.#parameters,
      keys: this.#keys,
      levels: this.#levels,
      entry: Math.max(0, control[ENTRY_SLOT]!),
      maxLevel: Math.max(0, control[ENTRY_LEVEL]!),
      vectors: new Uint8Array(
        this.#memory.buffer,
        this.#layout.shared.vectors,
        this.#keys.length * aligned(dimensions),
      ),
      vectorStride: aligned(dimensions),
      links: this.#links(),
      upperLinks: this.#upperLinks(),
    });
  }

  /** These threads hold nothing native, so that they may be stopped at any moment. */
  async close(): Promise<void> {
    await this.#threads.destroy();
  }

  async #byAll(work: BuildWork): Promise<void> {
    await Promise.all(this.#layout.own.map(() => this.#byOne(work)));
  }

  async #byOne(work: BuildWork): Promise<BuildReply> {
    return this.#threads.run({ places: this.#places, work }).catch((cause: unknown) => {
      throw threadLost(cause);
    });
  }

  #slotsOf(keys: BigUint64Array): Int32Array {
    return Int32Array.from(keys, (key) => lastWhere(this.#keys.length, (slot) => this.#keys[slot]! <= key));
  }

  #baseConnectivity(): number {
    return 2 * this.#parameters.connectivity;
  }

  #links(): Int32Array {
    return this.#ints(this.#layout.shared.links, this.#size.rows * this.#baseConnectivity());
  }

  #upperLinks(): Int32Array {
    return this.#ints(this.#layout.shared.upperLinks, this.#size.upperLists * this.#parameters.connectivity);
  }

  /**
   * Returns the numbers that the parts of kernels/assembly/hnsw-build.ts share: next slot, lock,
   * entry.
   */
  #control(): Int32Array {
    return this.#ints(this.#layout.shared.control, CONTROL_NUMBERS);
  }

  #ints(start: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, start, length);
  }
}

/** The size of `control` in i32 numbers. */
const CONTROL_NUMBERS = 4;
const NEXT_SLOT = 0;
const ENTRY_SLOT = 2;
const ENTRY_LEVEL = 3;
