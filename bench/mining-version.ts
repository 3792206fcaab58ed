import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rowKey } from '../core/ids.js';
import type { JobRecord } from '../core/job-spec.js';
import { versionLayout } from '../core/layout.js';
import { unitRows } from '../core/metrics/cosine.js';
import type { ModelSignature } from '../core/model-signature.js';
import type { PartFile } from '../core/part.js';
import { seededRandom } from '../core/seeded-random.js';
import { sha256 } from '../engine/files/hash.js';
import { writeChunkFile } from '../engine/parquet/chunk-file.js';
import { writeVectorFile } from '../engine/parquet/vector-file.js';
import { openStore } from '../engine/store/open-store.js';
import { encodeJson } from '../engine/version/create-once.js';

export const DATASET = 'synthetic';
const PART_ROWS = 4096;
/**
 * The noise of a query. It keeps queries so near to their positives that most of them find theirs
 * first.
 */
const NOISE = 0.8;

export interface MiningSize {
  queries: number;
  chunks: number;
  dimensions: number;
}

/**
 * Writes random vectors twice: as raw float32 files for the peer, and as a committed version below
 * `folder/out`. Query n is chunk n with noise. Resolves to the signature of the made-up model.
 */
export async function writeMiningInput(
  folder: string,
  { queries, chunks, dimensions }: MiningSize,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const signature = syntheticSignature(dimensions);
  const store = openStore(`file://${folder}/out`);
  const layout = versionLayout(DATASET, 'v1');
  const chunkFiles: PartFile[] = [];
  const vectorFiles: PartFile[] = [];
  const raw = {
    chunks: await open(join(folder, 'chunks.f32'), 'w'),
    queries: await open(join(folder, 'queries.f32'), 'w'),
  };
  for (let start = 0; start < chunks; start += PART_ROWS) {
    const end = Math.min(chunks, start + PART_ROWS);
    const vectors = randomRows(end - start, dimensions, start);
    await raw.chunks.write(bytesOf(vectors));
    const asked = Math.max(0, Math.min(queries, end) - start);
    if (asked > 0)
      await raw.queries.write(bytesOf(noisy(vectors.subarray(0, asked * dimensions), dimensions, start)));
    const rows = Array.from({ length: end - start }, (_, index) => {
      const text = textOf(start + index);
      return {
        chunkId: `${start + index}#0`,
        rowKey: rowKey(0, start + index),
        docId: String(start + index),
        chunkIndex: 0,
        charStart: 0,
        charEnd: text.length,
        nTokens: 8,
        truncated: false,
        textSha256: sha256(text),
        text,
      };
    });
    const vectorBytes = writeVectorFile(
      {
        rowKeys: BigUint64Array.from(rows, (row) => row.rowKey),
        chunkIds: rows.map(({ chunkId }) => chunkId),
        docIds: rows.map(({ docId }) => docId),
        textSha256: rows.map(({ textSha256 }) => textSha256),
        vectors,
        dimensions,
        encoding: { precision: 'float32' },
      },
      { fingerprint: 'synthetic' },
    );
    const files = [
      [chunkFiles, layout.chunkPart(0, start, end), writeChunkFile(rows, {})],
      [vectorFiles, layout.vectorPart(0, start, end), vectorBytes],
    ] as const;
    const keys = { firstKey: String(rowKey(0, start)), lastKey: String(rowKey(0, end - 1)) };
    for (const [list, key, bytes] of files) {
      await store.put(key, bytes);
      list.push({ key, sha256: sha256(bytes), bytes: bytes.length, start, end, ...keys });
    }
  }
  await Promise.all([raw.chunks.close(), raw.queries.close()]);
  const record = { formatVersion: 1, fingerprint: 'synthetic', signature, spec: {} } as unknown as JobRecord;
  await store.put(layout.job, encodeJson(record));
  const manifest = {
    formatVersion: 1,
    dataset: DATASET,
    version: 'v1',
    signature,
    fingerprint: 'synthetic',
    totals: { chunks },
    chunkFiles,
    vectorFiles,
    rejectFiles: [],
  };
  await store.put(layout.manifest, encodeJson(manifest));
  const pairs = Array.from({ length: queries }, (_, query) => ({
    query: `query ${query}`,
    positive: String(query),
  }));
  await writeFile(join(folder, 'pairs.jsonl'), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
}

/** Returns the text of the n-th chunk. The peer makes the same text. */
function textOf(row: number): string {
  return `text of chunk ${row}`;
}

export function syntheticSignature(dimensions: number): ModelSignature {
  return {
    name: 'synthetic',
    architecture: 'random',
    parameters: {},
    weightsSha256: '0'.repeat(64),
    tokenizerSha256: '0'.repeat(64),
    pooling: ['mean'],
    normalize: true,
    maxTokens: 256,
    dimensions,
    precision: 'float32',
    prompts: { query: '', document: '' },
  };
}

function randomRows(rows: number, dimensions: number, stream: number): Float32Array {
  const random = seededRandom(1, stream);
  return unitRows(
    Float32Array.from({ length: rows * dimensions }, () => random() + random() - 1),
    dimensions,
  );
}

function noisy(vectors: Float32Array, dimensions: number, stream: number): Float32Array {
  const noise = randomRows(vectors.length / dimensions, dimensions, stream + 1_000_000_000);
  return unitRows(
    vectors.map((value, index) => value + NOISE * noise[index]!),
    dimensions,
  );
}

function bytesOf(vectors: Float32Array): Uint8Array {
  return new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
}
