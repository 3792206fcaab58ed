import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { rowKey } from '../core/ids.js';
import type { JobRecord } from '../core/job-spec.js';
import { versionLayout } from '../core/layout.js';
import { type Manifest, partsOf } from '../core/manifest.js';
import type { VectorPartFile } from '../core/part.js';
import { sha256 } from '../engine/files/hash.js';
import { writeVectorFile } from '../engine/parquet/vector-file.js';
import { openStore } from '../engine/store/open-store.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import type { ClusteredVectors } from './clustered-vectors.js';
import { syntheticSignature } from './mining-version.js';

const PART_ROWS = 10_000;

/**
 * Writes rows twice below `folder`: as the vector files of a version that contains nothing else,
 * and as raw float32 in the file `rows.f32` for the peer.
 */
export async function writeIndexVersion(
  folder: string,
  generator: ClusteredVectors,
  { rows, dimensions }: { rows: number; dimensions: number },
): Promise<ReadableVersion> {
  await mkdir(folder, { recursive: true });
  const store = openStore(`file://${folder}/out`);
  const location = { output: store.root, dataset: 'synthetic', version: 'v1' };
  const layout = versionLayout(location.dataset, location.version);
  const raw = await open(join(folder, 'rows.f32'), 'w');
  const vectorFiles: VectorPartFile[] = [];
  for (let start = 0; start < rows; start += PART_ROWS) {
    const end = Math.min(rows, start + PART_ROWS);
    const vectors = generator.rows(end - start);
    await raw.write(new Uint8Array(vectors.buffer));
    const names = Array.from({ length: end - start }, (_, index) => String(start + index));
    const bytes = writeVectorFile(
      {
        rowKeys: BigUint64Array.from(names, (_, index) => rowKey(0, start + index)),
        chunkIds: names,
        docIds: names,
        textSha256: names,
        vectors,
        dimensions,
        encoding: { precision: 'float32' },
      },
      { fingerprint: 'synthetic' },
    );
    const key = layout.vectorPart(0, start, end);
    await store.put(key, bytes);
    vectorFiles.push({
      key,
      sha256: sha256(bytes),
      bytes: bytes.length,
      start,
      end,
      firstKey: String(rowKey(0, start)),
      lastKey: String(rowKey(0, end - 1)),
      minNorm: 1,
      maxNorm: 1,
      nanCount: 0,
    });
  }
  await raw.close();
  const manifest = { signature: syntheticSignature(dimensions), totals: { chunks: rows }, vectorFiles };
  // The version has no chunk files, and what is measured reads none.
  const chunkFiles = vectorFiles.map((file) => ({ ...file, tokens: 0 }));
  return {
    store,
    location,
    job: {} as JobRecord,
    manifest: manifest as unknown as Manifest,
    parts: partsOf({ chunkFiles, vectorFiles }),
    rejectFiles: [],
  };
}
