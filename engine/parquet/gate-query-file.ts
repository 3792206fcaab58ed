import type { KnownNeighbours } from '../../core/index/known-neighbours.js';
import { type ByteStrings, binaryColumn, uint64Column, vectorColumn } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { float64Column } from './list-columns.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'gate-queries/1';
/** A neighbour is a 64-bit row key and a 64-bit float, both little-endian. */
const NEIGHBOUR_BYTES = 16;

/** A row of a version by which an index's gate measures recall. */
export interface GateQuery {
  /** The row's own key. */
  own: bigint;
  vector: Float32Array;
  /** The rows nearest to it, without itself. */
  known: KnownNeighbours;
}

/** Writes a row for each query, in the order given. Vectors have the same number of dimensions. */
export function writeGateQueryFile(
  queries: readonly GateQuery[],
  dimensions: number,
  footer: Footer,
): Uint8Array {
  const vectors = new Float32Array(queries.length * dimensions);
  for (const [place, { vector }] of queries.entries()) vectors.set(vector, place * dimensions);
  const columns = [
    uint64Column(
      'row_key',
      BigUint64Array.from(queries, ({ own }) => own),
    ),
    vectorColumn('vector', vectors, dimensions),
    binaryColumn('nearest', encodeNearest(queries)),
    float64Column(
      'bound',
      queries.map(({ known }) => known.bound),
    ),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: [] });
}

/** Reads the queries. `file` names it in errors. Errors: FILE_DAMAGED. */
export function readGateQueryFile(bytes: Uint8Array, file: string, dimensions: number): GateQuery[] {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  const keys = columns.uint64('row_key');
  const { values, width } = columns.vectors('vector');
  if (width !== dimensions || !(values instanceof Float32Array))
    throw fileDamaged(file, `its vectors are not of ${dimensions} dimensions in float32`);
  const nearest = columns.binary('nearest');
  const bounds = columns.float64('bound');
  return Array.from(keys, (own, place) => ({
    own,
    vector: values.slice(place * dimensions, (place + 1) * dimensions),
    known: { nearest: nearestAt(nearest, place), bound: bounds[place]! },
  }));
}

function encodeNearest(queries: readonly GateQuery[]): ByteStrings {
  const offsets = new Int32Array(queries.length + 1);
  for (const [place, { known }] of queries.entries())
    offsets[place + 1] = offsets[place]! + NEIGHBOUR_BYTES * known.nearest.length;
  const bytes = Buffer.alloc(offsets[queries.length]!);
  let at = 0;
  for (const { rowKey, score } of queries.flatMap(({ known }) => known.nearest)) {
    at = bytes.writeBigUInt64LE(rowKey, at);
    at = bytes.writeDoubleLE(score, at);
  }
  return { offsets, bytes };
}

function nearestAt({ offsets, bytes }: ByteStrings, place: number): KnownNeighbours['nearest'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nearest = [];
  for (let at = offsets[place]!; at + NEIGHBOUR_BYTES <= offsets[place + 1]!; at += NEIGHBOUR_BYTES)
    nearest.push({ rowKey: view.getBigUint64(at, true), score: view.getFloat64(at + 8, true) });
  return nearest;
}
