import type { GraphParameters } from '../../core/index/index-options.js';
import { GRAPH_HEAD_BYTES, KEY_BYTES, LEVEL_BYTES, SLOT_BYTES, VECTORS_AT } from './graph-file.js';
import { encodeHead, HEAD_BYTES } from './graph-head.js';

/** A whole graph as our kernel leaves it in memory. Lists of links end early at a negative slot. */
export interface GraphInMemory {
  parameters: GraphParameters;
  /** Of each slot. */
  keys: BigUint64Array;
  /** Topmost layer of each slot. */
  levels: Uint8Array;
  entry: number;
  maxLevel: number;
  /** int8, one row every `vectorStride` bytes. */
  vectors: Uint8Array;
  vectorStride: number;
  /** `[rows, 2M]`. */
  links: Int32Array;
  /** `[sum of levels, M]`, by slot, from the second-lowest layer up. */
  upperLinks: Int32Array;
}

/** The file of a graph, as `graph-file.ts` reads it and usearch writes it. */
export function encodeGraph(graph: GraphInMemory): Uint8Array {
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

/** The number of links, and room for `capacity` of them. */
function writeList(bytes: Buffer, at: number, links: Int32Array, start: number, capacity: number): number {
  let count = 0;
  while (count < capacity && links[start + count]! >= 0) {
    bytes.writeUInt32LE(links[start + count]!, at + SLOT_BYTES * (1 + count));
    count += 1;
  }
  bytes.writeUInt32LE(count, at);
  return at + SLOT_BYTES * (1 + capacity);
}
