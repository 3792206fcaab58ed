import type { ChunkRow } from '../../core/chunk.js';
import type { ChunkPartFile } from '../../core/part.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * Returns the rows of one chunk file of the manifest. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function readChunks(
  { store }: Pick<ReadableVersion, 'store'>,
  part: ChunkPartFile,
): Promise<ChunkRow[]> {
  return readChunkFile(await readListedFile(store, part), `${store.root}/${part.key}`).rows;
}

/**
 * Returns the chunks of some rows, by row. Only the files that hold them are read. Errors: those of
 * `readChunks`.
 */
export async function readChunksAt(
  version: ReadableVersion,
  wanted: readonly number[],
): Promise<Map<number, ChunkRow>> {
  const found = new Map<number, ChunkRow>();
  let firstRow = 0;
  for (const part of version.manifest.chunkFiles) {
    const start = firstRow;
    firstRow += part.end - part.start;
    const own = wanted.filter((row) => row >= start && row < firstRow);
    if (own.length === 0) continue;
    const rows = await readChunks(version, part);
    for (const row of own) found.set(row, rows[row - start]!);
  }
  return found;
}
