import { open } from 'node:fs/promises';
import { readBytes } from '../files/read-bytes.js';
import { HNSW_SEARCH } from '../kernels/hnsw-search.js';
import {
  aligned,
  instantiate,
  layOut,
  MAX_MEMORY_BYTES,
  newMemory,
  setValues,
} from '../kernels/instantiate.js';
import {
  type GraphFile,
  type GraphNodes,
  type GraphShape,
  readGraphFile,
  readNodes,
  VECTORS_AT,
} from './graph-file.js';
import type { SearchableGraph } from './graph-search.js';
import { graphDamaged } from './index-errors.js';
import { writeInt8Row } from './int8-row.js';
import type { Candidates } from './usearch.js';

/** Exports of kernels/assembly/hnsw-search.ts. */
interface Kernel extends Record<keyof ReturnType<typeof valuesOf>, WebAssembly.Global> {
  score(slot: number): number;
  searchBase(start: number, expansion: number): number;
}

/** This many bytes of the file are read at once. */
const READ_BYTES = 4 * 1024 * 1024;

/**
 * A usearch graph of int8 rows, compared by inner product, in memory that our kernel searches. It
 * finds the rows that usearch finds, in about two thirds of the time. It does one search at a time.
 */
export class MemoryGraph implements SearchableGraph {
  /** The ef search of the next searches. */
  expansionSearch: number;
  readonly #shape: GraphShape;
  readonly #nodes: GraphNodes;
  readonly #kernel: Kernel;
  readonly #query: Int16Array;
  /** Slots and scores, which alternate. */
  readonly #best: Int32Array;

  private constructor(file: GraphFile, memory: WebAssembly.Memory, expansionSearch: number) {
    const { shape } = file;
    const { rows, baseConnectivity } = shape;
    const values = valuesOf(shape);
    this.#shape = shape;
    this.expansionSearch = expansionSearch;
    this.#nodes = readNodes(file, new Int32Array(memory.buffer, values.links, rows * baseConnectivity));
    this.#query = new Int16Array(memory.buffer, values.query, shape.rowBytes);
    this.#best = new Int32Array(memory.buffer, values.best, 2 * rows);
    this.#kernel = instantiate<Kernel>(HNSW_SEARCH, memory);
    setValues(this.#kernel, values);
  }

  /**
   * Reads a checked file. Returns undefined where its graph does not fit into WebAssembly's memory.
   * Errors: FILE_DAMAGED where the file ends too early.
   */
  static async read(path: string, expansionSearch: number): Promise<MemoryGraph | undefined> {
    const file = await readGraphFile(path);
    const { places, end } = layoutOf(file.shape);
    if (end > MAX_MEMORY_BYTES) return undefined;
    const memory = newMemory(end);
    await readVectorsInto(new Uint8Array(memory.buffer, places.vectors), path, file.shape);
    return new MemoryGraph(file, memory, expansionSearch);
  }

  size(): number {
    return this.#shape.rows;
  }

  search(target: Float32Array, count: number): Candidates {
    const { rows } = this.#shape;
    if (rows === 0) return { keys: new BigUint64Array(), distances: new Float32Array() };
    writeInt8Row(target, 0, this.#query);
    const expansion = Math.min(rows, Math.max(this.expansionSearch, count));
    const found = Math.min(count, this.#kernel.searchBase(this.#descend(), expansion));
    const keys = new BigUint64Array(found);
    const distances = new Float32Array(found);
    for (let rank = 0; rank < found; rank += 1) {
      keys[rank] = this.#nodes.keys[this.#best[2 * rank]!]!;
      distances[rank] = 1 - this.#best[2 * rank + 1]!;
    }
    return { keys, distances };
  }

  /**
   * Returns the slot that is nearest on the upper layers, found by going to a nearer neighbour as
   * long as there is one.
   */
  #descend(): number {
    let nearest = this.#shape.entry;
    let score = this.#kernel.score(nearest);
    for (let layer = this.#shape.layers - 1; layer > 0; layer -= 1) {
      for (let before = -1; before !== nearest; ) {
        before = nearest;
        for (const slot of this.#nodes.upper.get(nearest)?.[layer - 1] ?? []) {
          const own = this.#kernel.score(slot);
          if (own > score) {
            score = own;
            nearest = slot;
          }
        }
      }
    }
    return nearest;
  }
}

/**
 * Reads the vectors and pads each one to the next cache line, so that no vector spans
 * more cache lines than it needs. Errors: FILE_DAMAGED.
 */
async function readVectorsInto(
  target: Uint8Array,
  path: string,
  { rows, rowBytes }: GraphShape,
): Promise<void> {
  const file = await open(path);
  try {
    const perRead = Math.max(1, Math.floor(READ_BYTES / rowBytes));
    for (let row = 0; row < rows; row += perRead) {
      const here = Math.min(rows - row, perRead);
      const piece = await readBytes(file, VECTORS_AT + row * rowBytes, here * rowBytes);
      if (!piece) throw graphDamaged(path, 'it ends within its vectors');
      for (let at = 0; at < here; at += 1)
        target.set(piece.subarray(at * rowBytes, (at + 1) * rowBytes), (row + at) * aligned(rowBytes));
    }
  } finally {
    await file.close();
  }
}

/** Returns the places of everything in memory. The kernel's own data needs no space. */
function layoutOf({ rows, rowBytes, baseConnectivity }: GraphShape) {
  return layOut({
    query: 2 * aligned(rowBytes),
    unseen: 4 * baseConnectivity,
    frontier: 8 * rows,
    best: 8 * rows,
    seen: rows,
    links: 4 * rows * baseConnectivity,
    vectors: rows * aligned(rowBytes),
  });
}

/** Returns the values that are set in the kernel, by their names in the kernel. */
function valuesOf(shape: GraphShape) {
  const { rows, rowBytes, baseConnectivity: connectivity } = shape;
  return { rows, rowBytes: aligned(rowBytes), connectivity, ...layoutOf(shape).places };
}
