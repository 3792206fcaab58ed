import { type FusionCandidate, reciprocalRankFusion, weightedFusion } from '../../core/search/fusion.js';
import { lowerRowFirst, type ScoredRow, type TieBreak } from '../../core/top-k.js';
import type { StagedRow } from './staged-hit.js';

/** The way in which two rankings become one. */
export type Fusion = { kind: 'alpha'; alpha: number } | { kind: 'rrf' };

/** The rankings that the stages of a hybrid search found for one query. */
export interface TwoRankings {
  dense: readonly ScoredRow[];
  /** Rows that hold a word of the query. */
  lexical: readonly ScoredRow[];
  /** The dense score of every row in either ranking. */
  denseScores: ReadonlyMap<number, number>;
  /** The BM25 score of every row, `[rows]`. */
  scores: Float64Array;
}

/**
 * Returns one ranking of all rows that either stage found, best first, with the scores of each
 * stage. Ties are broken by `tieBreak`.
 */
export function fuseStages(
  { dense, lexical, denseScores, scores }: TwoRankings,
  fusion: Fusion,
  tieBreak: TieBreak = lowerRowFirst,
): StagedRow[] {
  const denseRanks = ranksOf(dense);
  const lexicalRanks = ranksOf(lexical);
  const fused: readonly (ScoredRow & { dense?: number; lexical?: number })[] =
    fusion.kind === 'rrf'
      ? reciprocalRankFusion(
          [dense, lexical].map((list) => list.map(({ row }) => row)),
          tieBreak,
        )
      : weightedFusion(
          [...denseScores].map(
            ([row, score]): FusionCandidate => ({ row, dense: score, lexical: scores[row]! }),
          ),
          fusion.alpha,
          tieBreak,
        );
  return fused.map(({ row, score, ...normalised }, index) => ({
    row,
    score,
    stages: {
      dense: { score: denseScores.get(row)!, ...denseRanks.get(row), ...normalisedScore(normalised.dense) },
      bm25: { score: scores[row]!, ...lexicalRanks.get(row), ...normalisedScore(normalised.lexical) },
      fusion: { score, rank: index + 1 },
    },
  }));
}

function ranksOf(rows: readonly ScoredRow[]): ReadonlyMap<number, { rank: number }> {
  return new Map(rows.map(({ row }, index) => [row, { rank: index + 1 }]));
}

function normalisedScore(share: number | undefined): { share?: number } {
  return share === undefined ? {} : { share };
}
