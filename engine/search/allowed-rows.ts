import type { ChunkRow } from '../../core/chunk.js';
import { CHUNK_FIELDS, type Filter, type FilterFields, matchesFilters } from '../../core/search/filter.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { readChunks } from './read-chunks.js';

/** The fields that a version's chunks may be filtered by: its job's metadata columns, and what every chunk has. */
export function filterKeys({ job }: Pick<ReadableVersion, 'job'>): readonly string[] {
  return [...new Set([...job.spec.input.columns.metadata, ...CHUNK_FIELDS])];
}

export interface AllowedRows {
  /** `[rows]`: 1 for rows that meet the filters. */
  allowed: Uint8Array;
  count: number;
}

/**
 * The rows that meet all filters. Reads every chunk file, one in memory at a time; `onRows` is told the rows looked at.
 * Errors: CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function allowedRows(
  version: ReadableVersion,
  filters: readonly Filter[],
  onRows?: (done: number) => void,
): Promise<AllowedRows> {
  const allowed = new Uint8Array(version.manifest.totals.chunks);
  let count = 0;
  let done = 0;
  for (const part of version.manifest.chunkFiles) {
    for (const row of await readChunks(version, part)) {
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
