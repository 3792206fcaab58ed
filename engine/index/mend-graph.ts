import { unreachableSlots } from '../../core/index/unreachable-slots.js';
import type { Attachment } from './attached-rows.js';
import { readGraphFile, readNodes } from './graph-file.js';

/** Rounds of adding anew; what is out of reach after them has equals that HNSW keeps out. */
const ROUNDS = 3;
/** Rows looked at to find one that can be reached. */
const NEAR = 16;
/** Rows that are handed over at once. */
const BATCH_ROWS = 2000;

/** A graph that is being built, as far as mending it goes. Vectors are `[keys, dimensions]`. */
export interface GrowingGraph {
  /** Writes what there is now to a file, and returns its path. */
  save(): Promise<string>;
  /** The vectors of these rows, in the order of the keys, which are ascending. */
  vectorsOf(keys: BigUint64Array): Promise<Float32Array>;
  addAgain(keys: BigUint64Array, vectors: Float32Array): Promise<void>;
  /** Rows near to each vector, nearest first. */
  near(vectors: Float32Array, k: number): Promise<readonly { keys: BigUint64Array }[]>;
}

/**
 * Sees that a search can find every row. Threads that add side by side lose some (in usearch, a row that meets another one
 * before that has links of its own); they are added again, one after the other. Of many equal vectors HNSW links a few and no
 * others; those are returned, attached to the row that is nearest to each. The graph is saved.
 */
export async function mendGraph(graph: GrowingGraph): Promise<readonly Attachment[]> {
  let lost = await unreachableRows(await graph.save());
  for (let round = 0; round < ROUNDS && lost.length > 0; round += 1) {
    for (const keys of batches(lost)) await graph.addAgain(keys.slice(), await graph.vectorsOf(keys));
    const still = await unreachableRows(await graph.save());
    const isSlow = still.length > lost.length / 2;
    lost = still;
    if (isSlow) break;
  }
  const attachments: Attachment[] = [];
  const out = new Set(lost);
  for (const keys of batches(lost)) {
    const lists = await graph.near(await graph.vectorsOf(keys), NEAR);
    for (const [index, { keys: found }] of lists.entries()) {
      const row = keys[index]!;
      const host = found.find((key) => !out.has(key)) ?? found.find((key) => key !== row);
      // What a search finds first of all needs no host.
      if (host !== undefined) attachments.push({ row, host });
    }
  }
  return attachments;
}

/** Row keys, ascending. */
async function unreachableRows(path: string): Promise<BigUint64Array> {
  const file = await readGraphFile(path);
  const { rows, baseConnectivity, entry } = file.shape;
  const base = new Int32Array(rows * baseConnectivity);
  const { keys } = readNodes(file, base);
  const slots = unreachableSlots(base, baseConnectivity, entry);
  return BigUint64Array.from(slots, (slot) => keys[slot]!).sort();
}

function* batches(keys: BigUint64Array): Generator<BigUint64Array> {
  for (let at = 0; at < keys.length; at += BATCH_ROWS) yield keys.slice(at, at + BATCH_ROWS);
}
