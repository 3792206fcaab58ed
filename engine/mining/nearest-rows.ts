import { dotAt, unitRows } from '../../core/metrics/cosine.js';
import { RunningTopK } from '../../core/mining/running-top-k.js';
import type { Candidate } from '../../core/mining/select-negatives.js';
import { readVectorFile } from '../parquet/vector-file.js';
import { readListedFile } from '../steps/read-listed-file.js';
import { throwIfStopped } from '../steps/stop.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { fileStartsOf } from './catalogue.js';
import type { MiningRun } from './open-mining.js';
import { TopKSession } from './top-k-session.js';

/** Rows compared at once. */
const BLOCK_ROWS = 8192;
/** Queries compared at once: with a block's rows, 32 MiB of products. */
const BLOCK_QUERIES = 1024;

export interface NearestRequest {
  /** Row-major `[queries, dimensions]`, of any length each. */
  queries: Float32Array;
  /** Rows to keep for each query. */
  k: number;
  /** Whether a row is compared. */
  isCandidate(row: number): boolean;
  /** Rows whose scores are wanted whatever they are, by query. */
  wanted: readonly (readonly number[])[];
}

export interface NearestRows {
  /** Of each query, best first; equal scores in the order of the rows. */
  candidates: Candidate[][];
  /** Scores of the wanted rows, by query and in their order. */
  wantedScores: number[][];
}

/**
 * Exact nearest rows by cosine over all vector files of a version, of whatever precision, one file and one block in memory
 * at a time. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED, OBJECT_NOT_FOUND, CANCELLED.
 */
export async function nearestRows(
  version: ReadableVersion,
  request: NearestRequest,
  run: MiningRun,
): Promise<NearestRows> {
  const { dimensions } = version.manifest.signature;
  const queries = unitRows(request.queries, dimensions);
  const count = queries.length / dimensions;
  const best = new RunningTopK(count, request.k);
  const wantedScores = request.wanted.map((rows) => rows.map(() => 0));
  const askersOf = askersByRow(request.wanted);
  const session = await TopKSession.open(dimensions);
  try {
    const block = { vectors: new Float32Array(BLOCK_ROWS * dimensions), rows: new Uint32Array(BLOCK_ROWS) };
    let filled = 0;
    const compare = async () => {
      if (filled > 0) await compareBlock(session, best, { queries, block, filled, dimensions, k: request.k });
      filled = 0;
    };
    for await (const { vectors, firstRow } of unitFiles(version, run)) {
      for (let at = 0; at * dimensions < vectors.length; at += 1) {
        const row = firstRow + at;
        for (const { query, place } of askersOf.get(row) ?? [])
          wantedScores[query]![place] = Math.fround(
            dotAt(queries, query * dimensions, vectors, at * dimensions, dimensions),
          );
        if (!request.isCandidate(row)) continue;
        block.vectors.set(vectors.subarray(at * dimensions, (at + 1) * dimensions), filled * dimensions);
        block.rows[filled] = row;
        filled += 1;
        if (filled === BLOCK_ROWS) await compare();
      }
    }
    await compare();
  } finally {
    await session.close();
  }
  return { candidates: Array.from({ length: count }, (_, query) => best.of(query)), wantedScores };
}

interface Comparison {
  queries: Float32Array;
  block: { vectors: Float32Array; rows: Uint32Array };
  /** Rows of the block that are there. */
  filled: number;
  dimensions: number;
  k: number;
}

async function compareBlock(
  session: TopKSession,
  best: RunningTopK,
  { queries, block, filled, dimensions, k }: Comparison,
): Promise<void> {
  const kept = Math.min(k, filled);
  const vectors = block.vectors.subarray(0, filled * dimensions);
  const count = queries.length / dimensions;
  for (let from = 0; from < count; from += BLOCK_QUERIES) {
    const asked = queries.subarray(from * dimensions, (from + BLOCK_QUERIES) * dimensions);
    const { scores, rows } = await session.nearest(asked, vectors, kept);
    const found = { scores, rows: Uint32Array.from(rows, (place) => block.rows[place]!) };
    for (let query = 0; query * kept < scores.length; query += 1)
      best.merge(from + query, found, query * kept, kept);
  }
}

/** Every vector file's rows with length 1, the next file being fetched meanwhile. */
async function* unitFiles(
  { store, manifest }: ReadableVersion,
  { signal, onProgress }: MiningRun,
): AsyncGenerator<{ vectors: Float32Array; firstRow: number }> {
  const { vectorFiles } = manifest;
  const starts = fileStartsOf(manifest);
  const fetch = (index: number) => {
    const file = vectorFiles[index];
    const bytes = file && readListedFile(store, file);
    // It is awaited a file later; until then nobody would hear of its failure.
    bytes?.catch(() => undefined);
    return bytes;
  };
  let next = fetch(0);
  for (const [index, file] of vectorFiles.entries()) {
    throwIfStopped(signal);
    const bytes = await next!;
    next = fetch(index + 1);
    const { vectors, dimensions } = readVectorFile(bytes, `${store.root}/${file.key}`);
    yield { vectors: unitRows(vectors, dimensions), firstRow: starts[index]! };
    onProgress(index + 1, vectorFiles.length);
  }
}

function askersByRow(
  wanted: readonly (readonly number[])[],
): ReadonlyMap<number, { query: number; place: number }[]> {
  const askers = new Map<number, { query: number; place: number }[]>();
  for (const [query, rows] of wanted.entries())
    for (const [place, row] of rows.entries()) {
      const known = askers.get(row);
      if (known) known.push({ query, place });
      else askers.set(row, [{ query, place }]);
    }
  return askers;
}
