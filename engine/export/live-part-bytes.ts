import { isWhole, type PartFiles } from '../../core/version-parts.js';
import { readChunkFile, writeChunkFile } from '../parquet/chunk-file.js';
import { type PositionRange, pickVectorRows } from '../parquet/vector-file.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';

type Source = Pick<ReadableVersion, 'store'>;

/**
 * Returns the bytes of a chunk file with the live rows of a part, which is the part's own file if
 * all of its rows live. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function liveChunkBytes({ store }: Source, part: PartFiles): Promise<Uint8Array> {
  const bytes = await readListedFile(store, part.chunks);
  if (isWhole(part)) return bytes;
  const { rows, footer } = readChunkFile(bytes, `${store.root}/${part.chunks.key}`);
  const live = positionsIn(part).flatMap(({ start, end }) => rows.slice(start, end));
  // These say where the next part begins, which is of no use without the job.
  const { next_ordinal: _, next_chunk: __, ...others } = footer;
  return writeChunkFile(live, {
    ...others,
    tokens: String(live.reduce((sum, { nTokens }) => sum + nTokens, 0)),
    truncated: String(live.filter(({ truncated }) => truncated).length),
  });
}

/**
 * Returns the bytes of a vector file with the same rows. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function liveVectorBytes({ store }: Source, part: PartFiles): Promise<Uint8Array> {
  const bytes = await readListedFile(store, part.vectors);
  if (isWhole(part)) return bytes;
  return pickVectorRows(bytes, positionsIn(part), `${store.root}/${part.vectors.key}`);
}

function positionsIn({ chunks, live }: PartFiles): PositionRange[] {
  return live.map(({ start, end }) => ({ start: start - chunks.start, end: end - chunks.start }));
}
