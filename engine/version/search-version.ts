import type { ChunkRow } from '../../core/chunk.js';
import { VectormillError } from '../../core/errors.js';
import type { ChunkPartFile } from '../../core/part.js';
import { type ScoredRow, TopK } from '../../core/top-k.js';
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
  const { nearest } = await nearestRows(version, embedder, query, { k });
  const rows = await readRows(
    version,
    nearest.map(({ row }) => row),
  );
  return nearest.map(({ row, score }, index) => {
    const { chunkId, docId, title, text } = rows.get(row)!;
    return { rank: index + 1, score, chunkId, docId, ...(title === undefined ? {} : { title }), text };
  });
}

export interface NearestOptions {
  /** Rows to find. */
  k: number;
  /** `[rows]`: 1 for rows that may be found; without it, all may. */
  allowed?: Uint8Array | undefined;
  /** Rows whose cosine is wanted, too, however far they are. */
  also?: ReadonlySet<number> | undefined;
  /** Rows compared so far. */
  onRows?: ((done: number) => void) | undefined;
}

export interface NearestRows {
  /** Best first. */
  nearest: readonly ScoredRow[];
  /** Of the rows in `also`, by row, but for those that may not be found. */
  cosines: ReadonlyMap<number, number>;
}

/**
 * The rows nearest to a query by exact cosine, best first, and the cosines of the rows in `also`. A row is a chunk's number
 * in the version, from 0, in row-key order. Errors: as `searchVersion`.
 */
export async function nearestRows(
  version: ReadableVersion,
  embedder: Embedder,
  query: string,
  { k, allowed, also, onRows }: NearestOptions,
): Promise<NearestRows> {
  assertSameSpace(version, embedder);
  const { store, manifest } = version;
  const { dimensions } = manifest.signature;
  const target = unit((await embedder.embed([query], { prompt: 'query' })).vectors);
  const best = new TopK(k);
  const cosines = new Map<number, number>();
  let firstRow = 0;
  for (const part of manifest.vectorFiles) {
    const bytes = await checkedFile(version, part);
    const { vectors, rowKeys } = readVectorFile(bytes, `${store.root}/${part.key}`);
    for (let index = 0; index < rowKeys.length; index += 1) {
      const row = firstRow + index;
      if (allowed?.[row] === 0) continue;
      const score = cosine(vectors, index * dimensions, target);
      best.offer(score, row);
      if (also?.has(row)) cosines.set(row, score);
    }
    firstRow += rowKeys.length;
    onRows?.(firstRow);
  }
  return { nearest: best.sorted(), cosines };
}

/** The chunks of some rows, by row; only the files that hold them are read. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED. */
export async function readRows(
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

/** The rows of one chunk file of the manifest. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED. */
export async function readChunks(version: ReadableVersion, part: ChunkPartFile): Promise<ChunkRow[]> {
  return readChunkFile(await checkedFile(version, part), `${version.store.root}/${part.key}`).rows;
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
