import { preparedRows, preparedScore } from '../../core/metrics/prepared-score.js';
import { RowScores } from '../../core/mining/row-scores.js';
import { RunningTopK } from '../../core/mining/running-top-k.js';
import type { NegativeCandidate } from '../../core/mining/select-negatives.js';
import { metricOf } from '../../core/similarity.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { MiningRun } from './open-mining.js';
import { openTopK } from './open-top-k.js';
import { preparedFiles } from './prepared-files.js';
import type { TopKBlocks } from './top-k-session.js';

/** The number of rows that are compared at once. */
const BLOCK_ROWS = 8192;
/**
 * The number of queries that are compared at once. With a block's rows, that is 32 MiB of products.
 */
const BLOCK_QUERIES = 1024;

export interface CandidateRequest {
  /** Row-major `[queries, dimensions]`, of any length. */
  queries: Float32Array;
  /** The number of rows that are kept for each query. */
  k: number;
  /** Returns whether a row is compared. */
  isCandidate(row: number): boolean;
  /** The rows of each query whose scores are wanted, however low. */
  wanted: readonly (readonly number[])[];
}

export interface CandidateRows {
  /** The candidates of each query, best first. Equal scores are in the order of the rows. */
  candidates: NegativeCandidate[][];
  /** The scores of the wanted rows, by query and in their order. */
  wantedScores: ArrayLike<number>[];
}

/**
 * Finds the nearest rows exactly, by the similarity of the version's model, over all vector files
 * of a version. One file and one block are in memory at a time. Errors: those of `preparedFiles`.
 */
export async function exactCandidates(
  version: ReadableVersion,
  request: CandidateRequest,
  run: MiningRun,
): Promise<CandidateRows> {
  const { dimensions } = version.manifest.signature;
  const metric = metricOf(version.manifest.signature);
  const scoreAt = preparedScore(metric);
  const queries = preparedRows(request.queries, metric, dimensions);
  const best = new RunningTopK(queries.length / dimensions, request.k);
  const wanted = new RowScores(request.wanted);
  const session = await openTopK(metric, dimensions);
  try {
    const block = { vectors: new Float32Array(BLOCK_ROWS * dimensions), rows: new Uint32Array(BLOCK_ROWS) };
    let filled = 0;
    const compare = async () => {
      if (filled > 0) await compareBlock(session, best, { queries, block, filled, dimensions, k: request.k });
      filled = 0;
    };
    for await (const { vectors, firstRow } of preparedFiles(version, run)) {
      for (let at = 0; at * dimensions < vectors.length; at += 1) {
        const row = firstRow + at;
        wanted.take(row, (query) =>
          scoreAt(queries, query * dimensions, vectors, at * dimensions, dimensions),
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
  return {
    candidates: request.wanted.map((_, query) => best.of(query)),
    wantedScores: request.wanted.map((_, query) => wanted.of(query)),
  };
}

interface Comparison {
  queries: Float32Array;
  block: { vectors: Float32Array; rows: Uint32Array };
  /** The number of rows of the block that are filled. */
  filled: number;
  dimensions: number;
  k: number;
}

async function compareBlock(
  session: TopKBlocks,
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
