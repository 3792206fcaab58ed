import { open } from 'node:fs/promises';
import { readBytes } from '../files/read-bytes.js';
import { HEAD_BYTES, headOffset } from './graph-head.js';
import { graphDamaged } from './index-errors.js';

/** The layout of a graph in a usearch file, and the node at which a search enters it. */
export interface GraphShape {
  rows: number;
  /** The size of one stored vector. */
  rowBytes: number;
  /**
   * The greatest number of links that a row has on each upper layer; `baseConnectivity` is that of
   * the lowest layer.
   */
  connectivity: number;
  baseConnectivity: number;
  layers: number;
  /** The slot at which every search begins, on the topmost layer. */
  entry: number;
}

/**
 * A usearch file without its vectors. The vectors are the first thing in the file, from
 * `VECTORS_AT` on, in the order of slots.
 */
export interface GraphFile {
  shape: GraphShape;
  /** The bytes that follow the vectors. */
  rest: DataView;
}

/** The contents of a file besides the vectors and the links of the lowest layer. */
export interface GraphNodes {
  /** The row key of each slot. */
  keys: BigUint64Array;
  /** The links of slots on upper layers, from the second-lowest layer up. */
  upper: ReadonlyMap<number, readonly Int32Array[]>;
}

/** The position of the first byte of the vectors. */
export const VECTORS_AT = headOffset(0, 0);

/**
 * The size of the five numbers after the head. The three below are the sizes of a node's pieces.
 */
export const GRAPH_HEAD_BYTES = 40;
export const LEVEL_BYTES = 2;
export const KEY_BYTES = 8;
export const SLOT_BYTES = 4;

/**
 * Reads a usearch file that holds a graph, except for its vectors. After the vectors and the head
 * of `readGraphHead` follow five 64-bit numbers (`index_serialized_header_t` in usearch's
 * index.hpp), a 16-bit level for each slot, and the nodes. Errors: FILE_DAMAGED where the file ends
 * before that.
 */
export async function readGraphFile(path: string): Promise<GraphFile> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const sizes = await readBytes(file, 0, VECTORS_AT);
    const [rows, rowBytes] = sizes ? [sizes.readUInt32LE(0), sizes.readUInt32LE(4)] : [0, 0];
    const start = headOffset(rows, rowBytes);
    const bytes = await readBytes(file, start, size - start);
    if (!bytes || bytes.length < HEAD_BYTES + GRAPH_HEAD_BYTES)
      throw graphDamaged(path, 'it ends before the graph that it says it holds');
    return graphFileOf(rows, rowBytes, bytes);
  } finally {
    await file.close();
  }
}

/** Describes a file by its sizes and by what follows its vectors. */
function graphFileOf(rows: number, rowBytes: number, bytes: Uint8Array): GraphFile {
  const rest = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [, connectivity, baseConnectivity, maxLevel, entry] = Array.from({ length: 5 }, (_, index) =>
    Number(rest.getBigUint64(HEAD_BYTES + 8 * index, true)),
  );
  const shape = {
    rows,
    rowBytes,
    connectivity: connectivity!,
    baseConnectivity: baseConnectivity!,
    layers: maxLevel! + 1,
    entry: entry!,
  };
  return { shape, rest };
}

/** Describes the bytes of a whole file, which must be sound. */
export function graphFileIn(bytes: Buffer): GraphFile {
  const [rows, rowBytes] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  return graphFileOf(rows, rowBytes, bytes.subarray(headOffset(rows, rowBytes)));
}

/** Gives every node of a sound file another key, in the bytes of `rest`. */
export function replaceKeys({ shape, rest }: GraphFile, keyOf: (key: bigint, slot: number) => bigint): void {
  const levelsAt = HEAD_BYTES + GRAPH_HEAD_BYTES;
  let at = levelsAt + LEVEL_BYTES * shape.rows;
  for (let slot = 0; slot < shape.rows; slot += 1) {
    rest.setBigUint64(at, keyOf(rest.getBigUint64(at, true), slot), true);
    at += nodeBytes(shape, rest.getInt16(levelsAt + LEVEL_BYTES * slot, true));
  }
}

/** Returns the size of a node of this topmost layer. */
function nodeBytes({ connectivity, baseConnectivity }: GraphShape, level: number): number {
  const upper = level * SLOT_BYTES * (1 + connectivity);
  return KEY_BYTES + LEVEL_BYTES + SLOT_BYTES * (1 + baseConnectivity) + upper;
}

/**
 * Reads every node: a 64-bit key, a 16-bit level, and for each layer a 32-bit count, followed by
 * space for that layer's links. Links of the lowest layer go into `base`,
 * `[rows, baseConnectivity]`, in which −1 ends a list that is not full.
 */
export function readNodes({ shape, rest: file }: GraphFile, base: Int32Array): GraphNodes {
  const { rows, connectivity, baseConnectivity } = shape;
  const keys = new BigUint64Array(rows);
  const upper = new Map<number, readonly Int32Array[]>();
  const levelsAt = HEAD_BYTES + GRAPH_HEAD_BYTES;
  let at = levelsAt + LEVEL_BYTES * rows;
  for (let slot = 0; slot < rows; slot += 1) {
    const level = file.getInt16(levelsAt + LEVEL_BYTES * slot, true);
    keys[slot] = file.getBigUint64(at, true);
    at += KEY_BYTES + LEVEL_BYTES;
    const count = file.getUint32(at, true);
    const row = slot * baseConnectivity;
    for (let link = 0; link < count; link += 1)
      base[row + link] = file.getUint32(at + SLOT_BYTES * (1 + link), true);
    if (count < baseConnectivity) base[row + count] = -1;
    at += SLOT_BYTES * (1 + baseConnectivity);
    if (level === 0) continue;
    const lists = [];
    for (let layer = 0; layer < level; layer += 1) {
      const start = at;
      const links = Int32Array.from({ length: file.getUint32(start, true) }, (_, link) =>
        file.getUint32(start + SLOT_BYTES * (1 + link), true),
      );
      lists.push(links);
      at += SLOT_BYTES * (1 + connectivity);
    }
    upper.set(slot, lists);
  }
  return { keys, upper };
}
