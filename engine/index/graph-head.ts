import { open } from 'node:fs/promises';
import type { HnswParameters } from '../../core/index/index-options.js';
import { readBytes } from '../files/read-bytes.js';
import { graphMetric, graphScalar, USEARCH_VERSION } from './usearch.js';

/** The properties that a usearch file states about itself. */
export interface GraphHead {
  /** The release of usearch that wrote it. */
  version: string;
  /** Metric and scalar have usearch's own names. */
  metric: string;
  scalar: string;
  dimensions: number;
  rows: number;
}

/** The size of the head. */
export const HEAD_BYTES = 64;
const SIZES_BYTES = 8;

/**
 * Reads the head of a usearch file, because `load` and `view` accept any dimensions and metric that
 * a file has. The file begins with a matrix, which two 32-bit sizes precede. Then follows the head,
 * laid out as `index_dense_head_t` in usearch's index_dense.hpp. Returns undefined for a file of
 * another kind.
 */
export async function readGraphHead(path: string): Promise<GraphHead | undefined> {
  const file = await open(path);
  try {
    const sizes = await readBytes(file, 0, SIZES_BYTES);
    if (!sizes) return undefined;
    const head = await readBytes(file, headOffset(sizes.readUInt32LE(0), sizes.readUInt32LE(4)), HEAD_BYTES);
    return head && parseHead(head);
  } finally {
    await file.close();
  }
}

/** Does the same as `readGraphHead` for a whole file in memory. */
export function parseGraphHead(bytes: Uint8Array): GraphHead | undefined {
  if (bytes.length < SIZES_BYTES) return undefined;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = headOffset(file.readUInt32LE(0), file.readUInt32LE(4));
  return parseHead(file.subarray(start, start + HEAD_BYTES));
}

/**
 * Encodes the head of a graph of `rows` rows, none of them removed, in the layout of the release of
 * usearch whose format is written.
 */
export function encodeHead(parameters: HnswParameters, rows: number): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  let at = head.write('usearch', 'latin1');
  for (const part of USEARCH_VERSION.split('.')) at = head.writeUInt16LE(Number(part), at);
  at = head.writeUInt8(codeOf(METRICS, graphMetric(parameters)), at);
  at = head.writeUInt8(codeOf(SCALARS, graphScalar(parameters.precision)), at);
  at = head.writeUInt8(KEYS_U64, at);
  at = head.writeUInt8(SLOTS_U32, at);
  at = head.writeBigUInt64LE(BigInt(rows), at);
  at = head.writeBigUInt64LE(0n, at);
  head.writeBigUInt64LE(BigInt(parameters.dimensions), at);
  return head;
}

/** Returns the position of the head's first byte in a file of `rows` vectors. */
export function headOffset(rows: number, rowBytes: number): number {
  return SIZES_BYTES + rows * rowBytes;
}

function parseHead(head: Buffer): GraphHead | undefined {
  if (head.length < HEAD_BYTES || head.toString('latin1', 0, 7) !== 'usearch') return undefined;
  return {
    version: [7, 9, 11].map((at) => head.readUInt16LE(at)).join('.'),
    metric: METRICS[head[13]!] ?? 'unknown',
    scalar: SCALARS[head[14]!] ?? 'unknown',
    rows: Number(head.readBigUInt64LE(17)),
    dimensions: Number(head.readBigUInt64LE(33)),
  };
}

/**
 * The codes that are written here, from `metric_kind_t` and `scalar_kind_t` of usearch's
 * index_plugins.hpp.
 */
const METRICS: Readonly<Record<number, string>> = { 105: 'ip', 101: 'l2sq', 98: 'hamming' };
const SCALARS: Readonly<Record<number, string>> = { 1: 'b1', 4: 'bf16', 11: 'f32', 12: 'f16', 23: 'i8' };
const KEYS_U64 = 14;
const SLOTS_U32 = 15;

function codeOf(names: Readonly<Record<number, string>>, name: string): number {
  return Number(Object.keys(names).find((code) => names[Number(code)] === name));
}

/** Returns whether the head says that its file is a graph of `rows` rows with these parameters. */
export function headMatches(head: GraphHead | undefined, parameters: HnswParameters, rows: number): boolean {
  return (
    head?.dimensions === parameters.dimensions &&
    head.rows === rows &&
    head.metric === graphMetric(parameters) &&
    head.scalar === graphScalar(parameters.precision)
  );
}
