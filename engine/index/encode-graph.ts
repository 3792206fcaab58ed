import type { HnswParameters } from '../../core/index/index-options.js';
import { GRAPH_HEAD_BYTES, KEY_BYTES, LEVEL_BYTES, SLOT_BYTES, VECTORS_AT } from './graph-file.js';
import { encodeHead, HEAD_BYTES } from './graph-head.js';

/**
 * A whole graph as our kernel leaves it in memory. A negative slot ends a list of links that is not
 * full.
 */
export interface GraphInMemory {
  parameters: HnswParameters;
  /** The row key of each slot. */
  keys: BigUint64Array;
  /** The topmost layer of each slot. */
  levels: Uint8Array;
  entry: number;
  maxLevel: number;
  /** int8 rows, one every `vectorStride` bytes. */
  vectors: Uint8Array;
  vectorStride: number;
  /** The links of the lowest layer, `[rows, 2M]`. */
  links: Int32Array;
  /**
   * The links of the upper layers, `[sum of levels, M]`, by slot, from the second-lowest layer up.
   */
  upperLinks: Int32Array;
}

/** Encodes a graph as a file that usearch could have written and that `graph-file.ts` reads. */
export function encodeHnswGraph(graph: GraphInMemory): Uint8Array {
  const { parameters, keys, levels, entry, maxLevel, vectors, vectorStride, links, upperLinks } = graph;
  const { dimensions, connectivity } = parameters;
  const rows = keys.length;
  const baseConnectivity = 2 * connectivity;
  const vectorBytes = rows * dimensions;
  const nodesAt = VECTORS_AT + vectorBytes + HEAD_BYTES + GRAPH_HEAD_BYTES + LEVEL_BYTES * rows;
  const nodeBytes = KEY_BYTES + LEVEL_BYTES + SLOT_BYTES * (1 + baseConnectivity);
  const upperLists = upperLinks.length / connectivity;
  const bytes = Buffer.alloc(nodesAt + rows * nodeBytes + upperLists * SLOT_BYTES * (1 + connectivity));
  let at = bytes.writeUInt32LE(rows, 0);
  at = bytes.writeUInt32LE(dimensions, at);
  for (let slot = 0; slot < rows; slot += 1, at += dimensions)
    bytes.set(vectors.subarray(slot * vectorStride, slot * vectorStride + dimensions), at);
  bytes.set(encodeHead(parameters, rows), at);
  at += HEAD_BYTES;
  for (const value of [rows, connectivity, baseConnectivity, maxLevel, entry])
    at = bytes.writeBigUInt64LE(BigInt(value), at);
  for (const level of levels) at = bytes.writeInt16LE(level, at);
  let upperAt = 0;
  for (let slot = 0; slot < rows; slot += 1) {
    at = bytes.writeBigUInt64LE(keys[slot]!, at);
    at = bytes.writeInt16LE(levels[slot]!, at);
    at = writeList(bytes, at, links, slot * baseConnectivity, baseConnectivity);
    for (let layer = 0; layer < levels[slot]!; layer += 1, upperAt += connectivity)
      at = writeList(bytes, at, upperLinks, upperAt, connectivity);
  }
  return bytes;
}

/**
 * Writes the number of links and then the links, in a space that has room for `capacity` of them.
 */
function writeList(bytes: Buffer, at: number, links: Int32Array, start: number, capacity: number): number {
  let count = 0;
  while (count < capacity && links[start + count]! >= 0) {
    bytes.writeUInt32LE(links[start + count]!, at + SLOT_BYTES * (1 + count));
    count += 1;
  }
  bytes.writeUInt32LE(count, at);
  return at + SLOT_BYTES * (1 + capacity);
}
