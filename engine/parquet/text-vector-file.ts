import { utf8Column } from './columns.js';
import type { Footer } from './footer.js';
import { writeParquetFile } from './parquet-file.js';
import { type StoredVectors, storedVectorColumn } from './stored-vectors.js';

/** Vectors of texts, with one vector and one id for each text. */
export interface TextVectors extends StoredVectors {
  ids: readonly string[];
}

/**
 * Writes the file of the command `encode`, with columns `id` and `vector`, in the order given.
 * Errors: INTERNAL for more than one file may hold.
 */
export function writeTextVectorFile(rows: TextVectors, footer: Footer): Uint8Array {
  const stored = storedVectorColumn('vector', rows);
  return writeParquetFile([utf8Column('id', rows.ids), stored.column], {
    format: 'text-vectors/1',
    footer: { ...footer, ...stored.footer },
    keyColumns: ['id'],
  });
}
