import { lowerRowFirst, type ScoredRow, type TieBreak } from '../top-k.js';

/** A row that a stage has found, with its scores in both stages. */
export interface FusionCandidate {
  row: number;
  /** The cosine, −1 to 1. */
  dense: number;
  /** The BM25 score, 0 or more. */
  lexical: number;
}

/**
 * A candidate after fusion: its score, and the two normalised scores that were weighed, each 0 to
 * 1.
 */
export interface WeightedRow extends ScoredRow {
  dense: number;
  lexical: number;
}

/** The least score that each stage can give. With it, scores are scaled to 0 to 1. */
const LEAST = { dense: -1, lexical: 0 } as const;

/** The weight of the dense score where no weight is given. */
export const DEFAULT_ALPHA = 0.7;

/** The constant of reciprocal rank fusion in Cormack, Clarke and Büttcher (2009). */
export const RANK_CONSTANT = 60;

/**
 * Orders candidates by alpha · dense + (1 − alpha) · lexical, the best first, ties by `tieBreak`.
 * Each score is first scaled to (score − least) / (best − least). `least` is the least score
 * that its kind can have (−1 for a cosine, 0 for BM25), and `best` is the best score of the
 * candidates. This is the "theoretical min-max" of Bruch, Gai and Ingber, "An Analysis of Fusion
 * Functions for Hybrid Retrieval" (2023). Unlike a scale that begins at the least score found, it
 * does not depend on the number of candidates. Where no candidate is above the least score, all
 * have 0.
 */
export function weightedFusion(
  candidates: readonly FusionCandidate[],
  alpha: number,
  tieBreak: TieBreak = lowerRowFirst,
): WeightedRow[] {
  const dense = normaliser(candidates, 'dense');
  const lexical = normaliser(candidates, 'lexical');
  return candidates
    .map((candidate) => {
      const normalised = { dense: dense(candidate), lexical: lexical(candidate) };
      return {
        row: candidate.row,
        score: alpha * normalised.dense + (1 - alpha) * normalised.lexical,
        ...normalised,
      };
    })
    .sort(bestFirst(tieBreak));
}

/**
 * Orders rows by the sum over rankings of 1 / (60 + rank), with ranks from 1, the best first, ties
 * by `tieBreak`. A ranking without the row adds nothing. Only the order within each ranking
 * counts, not the scores.
 */
export function reciprocalRankFusion(
  rankings: readonly (readonly number[])[],
  tieBreak: TieBreak = lowerRowFirst,
): ScoredRow[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings)
    for (const [index, row] of ranking.entries())
      scores.set(row, (scores.get(row) ?? 0) + 1 / (RANK_CONSTANT + index + 1));
  return [...scores].map(([row, score]) => ({ row, score })).sort(bestFirst(tieBreak));
}

function normaliser(candidates: readonly FusionCandidate[], kind: 'dense' | 'lexical') {
  const least: number = LEAST[kind];
  const best = candidates.reduce((most, candidate) => Math.max(most, candidate[kind]), least);
  return (candidate: FusionCandidate) => (best > least ? (candidate[kind] - least) / (best - least) : 0);
}

function bestFirst(tieBreak: TieBreak): (one: ScoredRow, other: ScoredRow) => number {
  return (one, other) => other.score - one.score || tieBreak(one.row, other.row);
}
