import { uint64Column, utf8Column } from './columns.js';
import type { Footer } from './footer.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';
import { readStoredVectors, type StoredVectors, storedVectorColumn } from './stored-vectors.js';

const FORMAT = 'vectors/1';

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
    keyColumns: ['row_key', 'doc_id'],
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
