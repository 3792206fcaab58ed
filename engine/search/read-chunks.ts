import type { ChunkRow } from '../../core/chunk.js';
import { readLiveChunks } from '../version/live-rows.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * Returns the chunks of some rows, by row. Only the files that hold them are read. Errors: those of
 * `readLiveChunks`.
 */
export async function readChunksAt(
  version: ReadableVersion,
  wanted: readonly number[],
): Promise<Map<number, ChunkRow>> {
  const found = new Map<number, ChunkRow>();
  for (const part of version.parts) {
    const { firstRow, rows } = part;
    const own = wanted.filter((row) => row >= firstRow && row < firstRow + rows);
    if (own.length === 0) continue;
    const chunks = await readLiveChunks(version, part);
    for (const row of own) found.set(row, chunks[row - firstRow]!);
  }
  return found;
}
