import { VectormillError } from '../../core/errors.js';
import { TopK } from '../../core/top-k.js';
import { sha256 } from '../hash.js';
import type { Embedder } from '../model/embedder.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readVectorFile } from '../parquet/vector-file.js';
import type { ReadableVersion } from './resolve-version.js';

export interface SearchHit {
  rank: number;
  /** Cosine similarity. */
  score: number;
  chunkId: string;
  docId: string;
  title?: string;
  text: string;
}

/**
 * The k chunks nearest to a query by exact cosine over every vector file, one file in memory at a time.
 * Errors: FINGERPRINT_MISMATCH when the query model is not the version's; CHECKSUM_MISMATCH.
 */
export async function searchVersion(
  version: ReadableVersion,
  embedder: Embedder,
  query: string,
  k: number,
): Promise<SearchHit[]> {
  assertSameSpace(version, embedder);
  const { store, manifest } = version;
  const { dimensions } = manifest.signature;
  const target = unit((await embedder.embed([query], { prompt: 'query' })).vectors);
  const best = new TopK(k);
  const starts: number[] = [];
  let firstRow = 0;
  for (const part of manifest.vectorFiles) {
    const bytes = await checkedFile(version, part);
    const { vectors, rowKeys } = readVectorFile(bytes, `${store.root}/${part.key}`);
    for (let row = 0; row < rowKeys.length; row += 1) {
      best.offer(cosine(vectors, row * dimensions, target), firstRow + row);
    }
    starts.push(firstRow);
    firstRow += rowKeys.length;
  }
  const ranked = best.sorted().map(({ row, score }, index) => {
    const file = starts.findLastIndex((start) => start <= row);
    return { rank: index + 1, score, file, row: row - starts[file]! };
  });
  const hits: SearchHit[] = [];
  for (const file of new Set(ranked.map((hit) => hit.file))) {
    const part = manifest.chunkFiles[file]!;
    const { rows } = readChunkFile(await checkedFile(version, part), `${store.root}/${part.key}`);
    for (const { rank, score, row } of ranked.filter((hit) => hit.file === file)) {
      const { chunkId, docId, title, text } = rows[row]!;
      hits.push({ rank, score, chunkId, docId, ...(title === undefined ? {} : { title }), text });
    }
  }
  return hits.sort((a, b) => a.rank - b.rank);
}

/** Errors: FINGERPRINT_MISMATCH. */
export function assertSameSpace(
  { manifest }: ReadableVersion,
  embedder: Pick<Embedder, 'signature' | 'fingerprint'>,
): void {
  if (embedder.fingerprint === manifest.fingerprint) return;
  const left = `${manifest.signature.name} (${manifest.fingerprint.slice(0, 12)})`;
  const right = `${embedder.signature.name} (${embedder.fingerprint.slice(0, 12)})`;
  throw new VectormillError(
    'FINGERPRINT_MISMATCH',
    `these are two vector spaces: ${manifest.dataset}@${manifest.version} was embedded with ${left}, the query with ${right}`,
    {
      component: 'search',
      remedy: 'Use the model that the version was embedded with (`--model`), or re-embed.',
    },
  );
}

async function checkedFile(
  { store }: ReadableVersion,
  part: { key: string; sha256: string },
): Promise<Uint8Array> {
  const bytes = await store.get(part.key);
  if (sha256(bytes) === part.sha256) return bytes;
  throw new VectormillError(
    'CHECKSUM_MISMATCH',
    `${store.root}/${part.key} is not the file that the manifest lists`,
    {
      component: 'search',
      file: `${store.root}/${part.key}`,
      remedy: 'Run `vectormill verify` on the version; restore the file or re-embed.',
    },
  );
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return norm === 0 ? vector : vector.map((value) => value / norm);
}

/** Cosine of the row that begins at `at` with a vector of norm 1; 0 for a row of zeros. */
function cosine(vectors: Float32Array, at: number, target: Float32Array): number {
  let dot = 0;
  let squares = 0;
  for (let index = 0; index < target.length; index += 1) {
    const value = vectors[at + index]!;
    dot += value * target[index]!;
    squares += value * value;
  }
  return squares === 0 ? 0 : dot / Math.sqrt(squares);
}
