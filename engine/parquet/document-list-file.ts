import { DOCUMENT_HASH_BYTES, type DocumentEntry, NO_ROW_KEY } from '../../core/document-entry.js';
import { bytesColumn, int64Column, uint32Column, uint64Column, valuesOfField } from './columns.js';
import type { Footer } from './footer.js';
import { hexAt, hexBytesOf, uint32Of } from './list-values.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'document-list/1';

/** Writes a row of at most 64 bytes for each document, in the order given. */
export function writeDocumentListFile(documents: readonly DocumentEntry[], footer: Footer): Uint8Array {
  const hashes = (name: 'idHash' | 'contentHash') =>
    hexBytesOf(valuesOfField(documents, name), DOCUMENT_HASH_BYTES);
  const numbers = (name: 'slice' | 'chunks' | 'tokens' | 'truncated') =>
    uint32Column(
      name,
      uint32Of(documents, (document) => document[name]),
    );
  const columns = [
    bytesColumn('id_hash', hashes('idHash'), DOCUMENT_HASH_BYTES),
    bytesColumn('content_hash', hashes('contentHash'), DOCUMENT_HASH_BYTES),
    numbers('slice'),
    int64Column('at', valuesOfField(documents, 'at')),
    uint64Column(
      'first_key',
      BigUint64Array.from(documents, ({ firstKey }) => firstKey ?? NO_ROW_KEY),
    ),
    numbers('chunks'),
    numbers('tokens'),
    numbers('truncated'),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: [] });
}

/**
 * Reads the documents of a list, in file order. `file` names it in errors. Errors: FILE_DAMAGED.
 */
export function readDocumentListFile(bytes: Uint8Array, file: string): DocumentEntry[] {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  const idHashes = columns.bytes('id_hash', DOCUMENT_HASH_BYTES);
  const contentHashes = columns.bytes('content_hash', DOCUMENT_HASH_BYTES);
  const slices = columns.uint32('slice');
  const places = columns.int64('at');
  const firstKeys = columns.uint64('first_key');
  const chunks = columns.uint32('chunks');
  const tokens = columns.uint32('tokens');
  const truncated = columns.uint32('truncated');
  return places.map((at, row) => ({
    idHash: hexAt(idHashes, row, DOCUMENT_HASH_BYTES),
    contentHash: hexAt(contentHashes, row, DOCUMENT_HASH_BYTES),
    slice: slices[row]!,
    at,
    firstKey: firstKeys[row] === NO_ROW_KEY ? undefined : firstKeys[row]!,
    chunks: chunks[row]!,
    tokens: tokens[row]!,
    truncated: truncated[row]!,
  }));
}
