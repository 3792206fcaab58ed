import type { StoredValues } from '../../core/vector-encoding.js';
import { rowsIn } from '../../core/version-parts.js';
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

/** The rows of a vector file with their stored numbers, which nobody has decoded. */
export interface UndecodedRows extends StoredRows {
  chunkIds: readonly string[];
  docIds: readonly string[];
}

/**
 * Reads all columns of a vector file without decoding its numbers, and its footer. `file` names it
 * in errors. Errors: FILE_DAMAGED.
 */
export function readUndecodedRows(bytes: Uint8Array, file: string): UndecodedRows & { footer: Footer } {
  const { columns, footer } = readParquetFile(bytes, file, FORMAT);
  const ids = { chunkIds: columns.utf8('chunk_id'), docIds: columns.utf8('doc_id') };
  return { ...textColumns(columns), ...ids, ...columns.vectors('vector'), footer };
}

/** Writes rows whose numbers were never decoded. The footer says what they stand for. */
export function writeUndecodedRows(rows: UndecodedRows, footer: Footer): Uint8Array {
  return writeParquetFile(
    [
      uint64Column('row_key', rows.rowKeys),
      utf8Column('chunk_id', rows.chunkIds),
      utf8Column('doc_id', rows.docIds),
      utf8Column('text_sha256', rows.textSha256),
      vectorColumn('vector', rows.values, rows.width),
    ],
    { format: FORMAT, footer, keyColumns: KEY_COLUMNS },
  );
}

/** Returns some rows of several files, in the order given. The files store numbers of one kind. */
export function joinRows(
  picks: readonly { rows: UndecodedRows; ranges: readonly PositionRange[] }[],
): UndecodedRows {
  const count = picks.reduce((sum, { ranges }) => sum + rowsIn(ranges), 0);
  const { values: firstValues, width } = picks[0]!.rows;
  const rowKeys = new BigUint64Array(count);
  const values = new (firstValues.constructor as new (length: number) => StoredValues)(count * width);
  const joined = { chunkIds: [] as string[], docIds: [] as string[], textSha256: [] as string[] };
  let at = 0;
  for (const { rows, ranges } of picks)
    for (const { start, end } of ranges) {
      rowKeys.set(rows.rowKeys.subarray(start, end), at);
      values.set(rows.values.subarray(start * width, end * width), at * width);
      for (let row = start; row < end; row += 1) {
        joined.chunkIds.push(rows.chunkIds[row]!);
        joined.docIds.push(rows.docIds[row]!);
        joined.textSha256.push(rows.textSha256[row]!);
      }
      at += end - start;
    }
  return { ...joined, rowKeys, values, width };
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
  const { footer, ...rows } = readUndecodedRows(bytes, file);
  // What a provider charged, was reused or was clipped, was so for all rows of the file.
  const { billed_tokens: _, reused: __, clipped: ___, ...others } = footer;
  return writeUndecodedRows(joinRows([{ rows, ranges }]), others);
}
