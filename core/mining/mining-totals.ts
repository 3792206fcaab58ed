import { minOf } from '../extremes.js';
import type { MiningTotals } from './mining-records.js';
import { isTitle } from './query-text.js';
import { addSummaries, summarise } from './score-summary.js';
import { REJECT_REASONS, type RejectedCandidates } from './select-negatives.js';
import type { MinedQuery } from './training-rows.js';

export const NO_MINING_TOTALS: MiningTotals = {
  queries: 0,
  trainingRows: 0,
  negatives: 0,
  shortQueries: 0,
  queriesWithoutNegatives: 0,
  rankSum: 0,
  abovePositive: 0,
  titleQueries: 0,
  rejected: {},
  positiveScores: summarise([]),
  negativeScores: summarise([]),
  differences: summarise([]),
};

/** Adds up the counts of some queries. */
export function miningTotalsOf(
  queries: readonly MinedQuery[],
  {
    numNegatives,
    trainingRows,
    rejected,
  }: {
    numNegatives: number;
    trainingRows: number;
    rejected: RejectedCandidates;
  },
): MiningTotals {
  const negatives = queries.flatMap((query) => {
    const lowest = minOf(query.positives.map(({ score }) => score));
    return query.negatives.map(({ score, rank = 0 }) => ({ score, rank, difference: lowest - score }));
  });
  return {
    queries: queries.length,
    trainingRows,
    negatives: negatives.length,
    shortQueries: queries.filter((query) => query.negatives.length < numNegatives).length,
    queriesWithoutNegatives: queries.filter((query) => query.negatives.length === 0).length,
    rankSum: negatives.reduce((sum, { rank }) => sum + rank, 0),
    abovePositive: negatives.filter(({ difference }) => difference < 0).length,
    titleQueries: queries.filter(({ text, positives }) => positives.some(({ title }) => isTitle(text, title)))
      .length,
    rejected,
    positiveScores: summarise(queries.flatMap(({ positives }) => positives.map(({ score }) => score))),
    negativeScores: summarise(negatives.map(({ score }) => score)),
    differences: summarise(negatives.map(({ difference }) => difference)),
  };
}

export function addMiningTotals(left: MiningTotals, right: MiningTotals): MiningTotals {
  return {
    queries: left.queries + right.queries,
    trainingRows: left.trainingRows + right.trainingRows,
    negatives: left.negatives + right.negatives,
    shortQueries: left.shortQueries + right.shortQueries,
    queriesWithoutNegatives: left.queriesWithoutNegatives + right.queriesWithoutNegatives,
    rankSum: left.rankSum + right.rankSum,
    abovePositive: left.abovePositive + right.abovePositive,
    titleQueries: (left.titleQueries ?? 0) + (right.titleQueries ?? 0),
    rejected: addRejected(left.rejected, right.rejected),
    positiveScores: addSummaries(left.positiveScores, right.positiveScores),
    negativeScores: addSummaries(left.negativeScores, right.negativeScores),
    differences: addSummaries(left.differences, right.differences),
  };
}

/** Adds up counts by reason. Reasons that never occurred are absent. */
export function addRejected(left: RejectedCandidates, right: RejectedCandidates): RejectedCandidates {
  const sums = REJECT_REASONS.map((reason) => [reason, (left[reason] ?? 0) + (right[reason] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, count]) => count > 0));
}
