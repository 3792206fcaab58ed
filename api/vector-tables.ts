import type { Table } from 'apache-arrow';
import { arrowTable, uint64Column, utf8Column, vectorColumn } from '../engine/parquet/columns.js';
import { readVectorFile } from '../engine/parquet/vector-file.js';
import { readListedFile } from '../engine/version/read-listed-file.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import type { OpenedResources } from './opened-resources.js';

/**
 * Yields the vectors of a version, one table for each file. Errors: those of `Dataset.readVectors`.
 */
export async function* vectorTables(
  { store, manifest }: ReadableVersion,
  opened: OpenedResources,
): AsyncGenerator<Table, void, undefined> {
  for (const file of manifest.vectorFiles) {
    opened.assertOpen();
    const rows = readVectorFile(await readListedFile(store, file), `${store.root}/${file.key}`);
    yield arrowTable([
      uint64Column('row_key', rows.rowKeys),
      utf8Column('chunk_id', rows.chunkIds),
      utf8Column('doc_id', rows.docIds),
      utf8Column('text_sha256', rows.textSha256),
      vectorColumn('vector', rows.vectors, rows.dimensions),
    ]);
  }
}
