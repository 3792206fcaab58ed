import { maxOf } from '../../core/extremes.js';
import { normsOf } from '../../core/index/score.js';
import { preparedRows, preparedScore } from '../../core/metrics/prepared-score.js';
import { RowScores } from '../../core/mining/row-scores.js';
import { type RankedRow, RunningTopK } from '../../core/mining/running-top-k.js';
import type { NegativeCandidate } from '../../core/mining/select-negatives.js';
import { metricOf, type ScoreMetric } from '../../core/similarity.js';
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

/**
 * This many rows beyond those wanted are looked at in each block, because rounding decides which
 * rows a session takes for the best.
 */
const SPARE = 8;
/** The greatest relative error of one rounding to float32. */
const ROUNDING = 2 ** -24;
/** The roundings of a score beside those of its sum, with some to spare. */
const OTHER_ROUNDINGS = 8;

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
  /** The candidates of each query, best first, and by chunk id where scores are equal. */
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
  const block: Block = {
    vectors: new Float32Array(BLOCK_ROWS * dimensions),
    rows: new Uint32Array(BLOCK_ROWS),
    chunkIds: new Array<string>(BLOCK_ROWS),
    filled: 0,
  };
  const compare = () =>
    compareBlock(session, best, { queries, block, dimensions, metric, k: request.k + SPARE });
  try {
    for await (const { vectors, chunkIds, firstRow } of preparedFiles(version, run)) {
      for (let at = 0; at < chunkIds.length; at += 1) {
        const row = firstRow + at;
        wanted.take(row, (query) =>
          scoreAt(queries, query * dimensions, vectors, at * dimensions, dimensions),
        );
        if (!request.isCandidate(row)) continue;
        block.vectors.set(
          vectors.subarray(at * dimensions, (at + 1) * dimensions),
          block.filled * dimensions,
        );
        block.rows[block.filled] = row;
        block.chunkIds[block.filled] = chunkIds[at]!;
        block.filled += 1;
        if (block.filled < BLOCK_ROWS) continue;
        await compare();
        block.filled = 0;
      }
    }
    if (block.filled > 0) await compare();
  } finally {
    await session.close();
  }
  return {
    candidates: request.wanted.map((_, query) => best.of(query).map(({ row, score }) => ({ row, score }))),
    wantedScores: request.wanted.map((_, query) => wanted.of(query)),
  };
}

/** Rows of a version that are compared at once. */
interface Block {
  /** Row-major `[rows, dimensions]`, and prepared. */
  vectors: Float32Array;
  rows: Uint32Array;
  chunkIds: string[];
  /** The number of rows that are in use. */
  filled: number;
}

interface Comparison {
  queries: Float32Array;
  block: Block;
  dimensions: number;
  metric: ScoreMetric;
  /** The number of rows of the block that are looked at first. */
  k: number;
}

/**
 * Merges the rows of a block that are among the best. The session chooses them by scores whose
 * rounding depends on how many rows and queries it compares at once. They are then scored one by
 * one, so that neither the order of the rows nor that of the queries matters.
 */
async function compareBlock(
  session: TopKBlocks,
  best: RunningTopK,
  { queries, block, dimensions, metric, k }: Comparison,
): Promise<void> {
  const kept = Math.min(k, block.filled);
  const vectors = block.vectors.subarray(0, block.filled * dimensions);
  const count = queries.length / dimensions;
  const scoreAt = preparedScore(metric);
  const error = greatestError(metric, dimensions, { queries, vectors });
  for (let from = 0; from < count; from += BLOCK_QUERIES) {
    const asked = queries.subarray(from * dimensions, (from + BLOCK_QUERIES) * dimensions);
    const { scores, rows } = await session.nearest(asked, vectors, kept);
    for (let index = 0; index * kept < scores.length; index += 1) {
      const query = from + index;
      const rankedAt = (place: number): RankedRow => ({
        row: block.rows[place]!,
        chunkId: block.chunkIds[place]!,
        score: Math.fround(scoreAt(queries, query * dimensions, vectors, place * dimensions, dimensions)),
      });
      const end = (index + 1) * kept;
      const least = best.threshold(query) - error;
      let near = index * kept;
      while (near < end && scores[near]! >= least) near += 1;
      const places = Array.from(rows.subarray(index * kept, near));
      best.merge(query, places.map(rankedAt));
      if (kept === block.filled || scores[end - 1]! < best.threshold(query) - error) continue;
      // Rows that were not looked at may be as near as the last, as where many rows are equal.
      const taken = new Set(places);
      const others: RankedRow[] = [];
      for (let place = 0; place < block.filled; place += 1)
        if (!taken.has(place)) others.push(rankedAt(place));
      const threshold = best.threshold(query);
      best.merge(
        query,
        others.filter(({ score }) => score >= threshold),
      );
    }
  }
}

/**
 * Returns by how much the scores of a session can be off. The sum of `dimensions` products in
 * float32 is off by at most as many roundings of the product of both lengths. Distances are exact.
 */
function greatestError(
  metric: ScoreMetric,
  dimensions: number,
  { queries, vectors }: { queries: Float32Array; vectors: Float32Array },
): number {
  if (metric === 'l1' || metric === 'l2') return 0;
  const lengths =
    metric === 'cosine' ? 1 : maxOf(normsOf(queries, dimensions)) * maxOf(normsOf(vectors, dimensions));
  return (dimensions + OTHER_ROUNDINGS) * ROUNDING * lengths;
}
