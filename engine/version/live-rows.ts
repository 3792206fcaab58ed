import type { ChunkRow } from '../../core/chunk.js';
import { isWhole, type PartFiles } from '../../core/version-parts.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readVectorFile, type VectorRows } from '../parquet/vector-file.js';
import { readListedFile } from './read-listed-file.js';
import type { ReadableVersion } from './resolve-version.js';

type Source = Pick<ReadableVersion, 'store'>;

/**
 * Returns the live rows of a part's chunk file. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function readLiveChunks({ store }: Source, part: PartFiles): Promise<ChunkRow[]> {
  const { key, start } = part.chunks;
  const { rows } = readChunkFile(await readListedFile(store, part.chunks), `${store.root}/${key}`);
  if (isWhole(part)) return rows;
  return part.live.flatMap((range) => rows.slice(range.start - start, range.end - start));
}

/**
 * Returns the live rows of a part's vector file. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function readLiveVectors({ store }: Source, part: PartFiles): Promise<VectorRows> {
  return liveVectorsIn({ store }, part, await readListedFile(store, part.vectors));
}

/** Returns the live rows in the bytes of a part's vector file. Errors: FILE_DAMAGED. */
export function liveVectorsIn({ store }: Source, part: PartFiles, bytes: Uint8Array): VectorRows {
  const rows = readVectorFile(bytes, `${store.root}/${part.vectors.key}`);
  if (isWhole(part)) return rows;
  const { dimensions, encoding } = rows;
  const { start } = part.vectors;
  const ranges = part.live.map((range) => ({ from: range.start - start, to: range.end - start }));
  const pick = <T>(values: readonly T[]) => ranges.flatMap(({ from, to }) => values.slice(from, to));
  const count = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const rowKeys = new BigUint64Array(count);
  const vectors = new Float32Array(count * dimensions);
  let at = 0;
  for (const { from, to } of ranges) {
    rowKeys.set(rows.rowKeys.subarray(from, to), at);
    vectors.set(rows.vectors.subarray(from * dimensions, to * dimensions), at * dimensions);
    at += to - from;
  }
  return {
    rowKeys,
    chunkIds: pick(rows.chunkIds),
    docIds: pick(rows.docIds),
    textSha256: pick(rows.textSha256),
    vectors,
    dimensions,
    encoding,
  };
}
