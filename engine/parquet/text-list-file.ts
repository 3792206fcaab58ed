import { TEXT_HASH_BYTES, type TextEntry } from '../../core/text-entry.js';
import { bytesColumn, uint64Column, valuesOfField } from './columns.js';
import type { Footer } from './footer.js';
import { hexBytesOf } from './list-values.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'text-list/1';

/** The texts of a piece of a list, held in 24 bytes each. */
export interface TextList {
  length: number;
  /** Row-major `[texts, TEXT_HASH_BYTES]`. */
  hashes: Uint8Array;
  /** `[texts]` */
  rowKeys: BigUint64Array;
}

/** Writes a row of 24 bytes for each text, in the order given. */
export function writeTextListFile(texts: readonly TextEntry[], footer: Footer): Uint8Array {
  const columns = [
    bytesColumn('text_hash', hexBytesOf(valuesOfField(texts, 'textHash'), TEXT_HASH_BYTES), TEXT_HASH_BYTES),
    uint64Column('row_key', BigUint64Array.from(valuesOfField(texts, 'rowKey'))),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: [] });
}

/**
 * Reads the texts of a list, in file order. `file` names it in errors. Errors: FILE_DAMAGED.
 */
export function readTextListFile(bytes: Uint8Array, file: string): TextList {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  return {
    length: columns.rows,
    hashes: columns.bytes('text_hash', TEXT_HASH_BYTES),
    rowKeys: columns.uint64('row_key'),
  };
}
