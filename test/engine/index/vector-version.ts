import { rowKey } from '../../../core/ids.js';
import { versionLayout } from '../../../core/layout.js';
import type { VectorPartFile } from '../../../core/part.js';
import { sha256 } from '../../../engine/files/hash.js';
import { writeVectorFile } from '../../../engine/parquet/vector-file.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { encodeJson } from '../../../engine/version/create-once.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { vectorStatistics } from '../../../engine/version/vector-statistics.js';

export interface VectorsOfVersion {
  version?: string;
  parent?: string;
  dimensions: number;
  /** The number of the first file's shard. */
  firstShard?: number;
  /** Row-major. Each is a shard of one file. */
  files: readonly Float32Array[];
  /** The chunk ids of each file. By default they say its number and the row's. */
  ids?: readonly (readonly string[])[];
}

/**
 * Writes a readable version that holds these vectors and nothing else, for code that only reads
 * vectors.
 */
export async function writeVectorVersion(
  store: ObjectStore,
  { version = 'v1', parent, dimensions, firstShard = 0, files, ids = [] }: VectorsOfVersion,
): Promise<ReadableVersion> {
  const layout = versionLayout('test', version);
  const vectorFiles: VectorPartFile[] = [];
  let chunks = 0;
  for (const [place, vectors] of files.entries()) {
    const shard = firstShard + place;
    const end = vectors.length / dimensions;
    const names = ids[place] ?? Array.from({ length: end }, (_, row) => `${shard}-${row}`);
    const bytes = writeVectorFile(
      {
        rowKeys: BigUint64Array.from(names, (_, row) => rowKey(shard, row)),
        chunkIds: names,
        docIds: names,
        textSha256: names,
        vectors,
        dimensions,
        encoding: { precision: 'float32' },
      },
      { fingerprint: 'test' },
    );
    const key = layout.vectorPart(shard, 0, end);
    await store.put(key, bytes);
    const statistics = vectorStatistics(vectors, dimensions);
    const keys = { firstKey: `${rowKey(shard, 0)}`, lastKey: `${rowKey(shard, Math.max(0, end - 1))}` };
    vectorFiles.push({
      key,
      sha256: sha256(bytes),
      bytes: bytes.length,
      start: 0,
      end,
      ...keys,
      ...statistics,
    });
    chunks += end;
  }
  const signature = { dimensions };
  await store.put(layout.job, encodeJson({ formatVersion: 1, fingerprint: 'test', signature, spec: {} }));
  await store.put(
    layout.manifest,
    encodeJson({
      formatVersion: 1,
      dataset: 'test',
      version,
      parent: parent ?? null,
      signature,
      fingerprint: 'test',
      totals: { chunks },
      // There are no chunk files, and what is tested with such a version reads none.
      chunkFiles: vectorFiles.map((file) => ({ ...file, tokens: 0 })),
      vectorFiles,
      rejectFiles: [],
    }),
  );
  return resolveVersion(store, { dataset: 'test', selector: version });
}
