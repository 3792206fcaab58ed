import type { ChunkRow } from '../../core/chunk.js';
import {
  boolColumn,
  int32Column,
  nullableUtf8Column,
  uint64Column,
  utf8Column,
  valuesOfField,
} from './columns.js';
import type { Footer } from './footer.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'chunks/1';

/**
 * Writes one Parquet file of chunk rows, in the order given. Errors: INTERNAL for more than one
 * file may hold.
 */
export function writeChunkFile(rows: readonly ChunkRow[], footer: Footer): Uint8Array {
  const columns = [
    utf8Column('chunk_id', valuesOfField(rows, 'chunkId')),
    uint64Column('row_key', BigUint64Array.from(valuesOfField(rows, 'rowKey'))),
    utf8Column('doc_id', valuesOfField(rows, 'docId')),
    int32Column('chunk_ix', valuesOfField(rows, 'chunkIndex')),
    int32Column('char_start', valuesOfField(rows, 'charStart')),
    int32Column('char_end', valuesOfField(rows, 'charEnd')),
    int32Column('n_tokens', valuesOfField(rows, 'nTokens')),
    boolColumn('truncated', valuesOfField(rows, 'truncated')),
    utf8Column('text_sha256', valuesOfField(rows, 'textSha256')),
    utf8Column('text', valuesOfField(rows, 'text')),
    nullableUtf8Column('title', valuesOfField(rows, 'title')),
    nullableUtf8Column('metadata', valuesOfField(rows, 'metadata')),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: ['row_key', 'doc_id'] });
}

/**
 * Reads the rows of a chunk file and its footer. `file` names it in errors. Errors: FILE_DAMAGED.
 */
export function readChunkFile(bytes: Uint8Array, file: string): { rows: ChunkRow[]; footer: Footer } {
  const { columns, footer } = readParquetFile(bytes, file, FORMAT);
  const chunkIds = columns.utf8('chunk_id');
  const rowKeys = columns.uint64('row_key');
  const docIds = columns.utf8('doc_id');
  const chunkIndexes = columns.int32('chunk_ix');
  const charStarts = columns.int32('char_start');
  const charEnds = columns.int32('char_end');
  const tokens = columns.int32('n_tokens');
  const truncated = columns.bool('truncated');
  const textSha256 = columns.utf8('text_sha256');
  const texts = columns.utf8('text');
  const titles = columns.nullableUtf8('title');
  const metadata = columns.nullableUtf8('metadata');
  const rows = chunkIds.map((chunkId, row): ChunkRow => {
    const title = titles[row];
    const json = metadata[row];
    return {
      chunkId,
      rowKey: rowKeys[row]!,
      docId: docIds[row]!,
      chunkIndex: chunkIndexes[row]!,
      charStart: charStarts[row]!,
      charEnd: charEnds[row]!,
      nTokens: tokens[row]!,
      truncated: truncated[row]!,
      textSha256: textSha256[row]!,
      text: texts[row]!,
      ...(title === undefined ? {} : { title }),
      ...(json === undefined ? {} : { metadata: json }),
    };
  });
  return { rows, footer };
}
