import type { ChunkRow } from '../../core/chunk.js';
import { CHUNK_FIELDS, type Filter, type FilterFields, matchesFilters } from '../../core/search/filter.js';
import { readLiveChunks } from '../version/live-rows.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * Returns the fields by which a version's chunks may be filtered: the metadata columns of its job,
 * and the fields that every chunk has.
 */
export function filterKeys({ job }: Pick<ReadableVersion, 'job'>): readonly string[] {
  return [...new Set([...job.spec.input.columns.metadata, ...CHUNK_FIELDS])];
}

export interface AllowedRows {
  /** `[rows]`: 1 for rows that match the filters. */
  allowed: Uint8Array;
  count: number;
}

/**
 * Returns the rows that match all filters. Every chunk file is read, one in memory at a time.
 * `onRows` is called with the number of rows that were checked. Errors: CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function allowedRows(
  version: ReadableVersion,
  filters: readonly Filter[],
  onRows?: (done: number) => void,
): Promise<AllowedRows> {
  const allowed = new Uint8Array(version.manifest.totals.chunks);
  let count = 0;
  let done = 0;
  for (const part of version.parts) {
    for (const row of await readLiveChunks(version, part)) {
      if (matchesFilters(filters, fieldsOf(row))) {
        allowed[done] = 1;
        count += 1;
      }
      done += 1;
    }
    onRows?.(done);
  }
  return { allowed, count };
}

function fieldsOf({ docId, title, metadata }: ChunkRow): FilterFields {
  const own = metadata === undefined ? {} : (JSON.parse(metadata) as Record<string, unknown>);
  return { doc_id: docId, title, ...own };
}
