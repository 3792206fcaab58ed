import type { Table } from 'apache-arrow';
import { arrowTable, uint64Column, utf8Column, vectorColumn } from '../engine/parquet/columns.js';
import { readLiveVectors } from '../engine/version/live-rows.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import type { OpenedResources } from './opened-resources.js';

/**
 * Yields the vectors of a version, one table for each file. Errors: those of `Dataset.readVectors`.
 */
export async function* vectorTables(
  version: ReadableVersion,
  opened: OpenedResources,
): AsyncGenerator<Table, void, undefined> {
  for (const part of version.parts) {
    opened.assertOpen();
    const rows = await readLiveVectors(version, part);
    yield arrowTable([
      uint64Column('row_key', rows.rowKeys),
      utf8Column('chunk_id', rows.chunkIds),
      utf8Column('doc_id', rows.docIds),
      utf8Column('text_sha256', rows.textSha256),
      vectorColumn('vector', rows.vectors, rows.dimensions),
    ]);
  }
}
