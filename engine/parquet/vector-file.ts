import type { StoredValues } from '../../core/vector-encoding.js';
import type { ColumnReader } from './column-reader.js';
import { uint64Column, utf8Column, vectorColumn } from './columns.js';
import type { Footer } from './footer.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';
import { readStoredVectors, type StoredVectors, storedVectorColumn } from './stored-vectors.js';

const FORMAT = 'vectors/1';
const KEY_COLUMNS = ['row_key', 'doc_id'];

/** The rows of one vector file, column by column and all in the same order. */
export interface VectorRows extends StoredVectors {
  rowKeys: BigUint64Array;
  chunkIds: readonly string[];
  docIds: readonly string[];
  /** The sha256, in hex, of each chunk's text. */
  textSha256: readonly string[];
}

/**
 * Writes one Parquet file of vector rows, in the order given. float32 is kept bit for bit. Errors:
 * INTERNAL for more than one file may hold.
 */
export function writeVectorFile(rows: VectorRows, footer: Footer): Uint8Array {
  const stored = storedVectorColumn('vector', rows);
  const columns = [
    uint64Column('row_key', rows.rowKeys),
    utf8Column('chunk_id', rows.chunkIds),
    utf8Column('doc_id', rows.docIds),
    utf8Column('text_sha256', rows.textSha256),
    stored.column,
  ];
  return writeParquetFile(columns, {
    format: FORMAT,
    footer: { ...footer, ...stored.footer },
    keyColumns: KEY_COLUMNS,
  });
}

/**
 * Reads the rows of a vector file and its footer. Keys and vectors of float32 are views of one
 * buffer, which lives as long as either of them. `file` names the file in errors. Errors:
 * FILE_DAMAGED.
 */
export function readVectorFile(bytes: Uint8Array, file: string): VectorRows & { footer: Footer } {
  const { columns, footer } = readParquetFile(bytes, file, FORMAT);
  return {
    rowKeys: columns.uint64('row_key'),
    chunkIds: columns.utf8('chunk_id'),
    docIds: columns.utf8('doc_id'),
    textSha256: columns.utf8('text_sha256'),
    ...readStoredVectors(columns, footer, { name: 'vector', file }),
    footer,
  };
}

/** The rows of a vector file as they are stored, for somebody who takes some of them. */
export interface StoredRows {
  rowKeys: BigUint64Array;
  textSha256: readonly string[];
  /** Row-major `[rows, width]`. */
  values: StoredValues;
  width: number;
}

/**
 * Reads the stored numbers of a vector file, without decoding them. `file` names it in errors.
 * Errors: FILE_DAMAGED.
 */
export function readStoredRows(bytes: Uint8Array, file: string): StoredRows {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  return { ...textColumns(columns), ...columns.vectors('vector') };
}

/** Reads the texts that a vector file has the vectors of. Errors: FILE_DAMAGED. */
export function readTextColumns(bytes: Uint8Array, file: string): Pick<StoredRows, 'rowKeys' | 'textSha256'> {
  return textColumns(readParquetFile(bytes, file, FORMAT).columns);
}

function textColumns(columns: ColumnReader): Pick<StoredRows, 'rowKeys' | 'textSha256'> {
  return { rowKeys: columns.uint64('row_key'), textSha256: columns.utf8('text_sha256') };
}

/** Rows `[start, end)` of a file by their positions in it, from 0. */
export interface PositionRange {
  start: number;
  end: number;
}

/**
 * Returns a vector file that has some rows of another one, in the same order. The stored numbers
 * are taken over bit for bit, which decoding and encoding them would not promise. `file` names the
 * other file in errors. Errors: FILE_DAMAGED.
 */
export function pickVectorRows(
  bytes: Uint8Array,
  ranges: readonly PositionRange[],
  file: string,
): Uint8Array {
  const { columns, footer } = readParquetFile(bytes, file, FORMAT);
  const pick = (name: string) => {
    const values = columns.utf8(name);
    return ranges.flatMap(({ start, end }) => values.slice(start, end));
  };
  const rows = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const keys = columns.uint64('row_key');
  const { values, width } = columns.vectors('vector');
  const rowKeys = new BigUint64Array(rows);
  const picked = new (values.constructor as new (length: number) => typeof values)(rows * width);
  let at = 0;
  for (const { start, end } of ranges) {
    rowKeys.set(keys.subarray(start, end), at);
    picked.set(values.subarray(start * width, end * width), at * width);
    at += end - start;
  }
  // What a provider charged, was reused or was clipped, was so for all rows of the file.
  const { billed_tokens: _, reused: __, clipped: ___, ...others } = footer;
  return writeParquetFile(
    [
      uint64Column('row_key', rowKeys),
      utf8Column('chunk_id', pick('chunk_id')),
      utf8Column('doc_id', pick('doc_id')),
      utf8Column('text_sha256', pick('text_sha256')),
      vectorColumn('vector', picked, width),
    ],
    { format: FORMAT, footer: others, keyColumns: KEY_COLUMNS },
  );
}
