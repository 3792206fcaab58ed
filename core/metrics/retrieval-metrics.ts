import { averagePrecisionAt } from './average-precision.js';
import type { Judgements, Ranking } from './judgements.js';
import { ndcgAt } from './ndcg.js';
import { recallAt } from './recall.js';
import { reciprocalRankAt } from './reciprocal-rank.js';

const METRICS = { ndcg: ndcgAt, map: averagePrecisionAt, recall: recallAt, mrr: reciprocalRankAt } as const;

/** Metrics by name: `ndcg@10`, `map@10`, `recall@10`, `mrr@10` and so on for every k. */
export type RetrievalMetrics = Readonly<Record<string, number>>;

export interface JudgedRanking {
  ranking: Ranking;
  judgements: Judgements;
}

/** The metrics of one query at every cut of `ks`, by name. */
export function metricsOf({ ranking, judgements }: JudgedRanking, ks: readonly number[]): RetrievalMetrics {
  return Object.fromEntries(
    Object.entries(METRICS).flatMap(([name, metric]) =>
      ks.map((k) => [`${name}@${k}`, metric(ranking, judgements, k)]),
    ),
  );
}

/**
 * The mean of each metric over the queries. Every query counts the same, and those without a
 * relevant document count as 0, as in pytrec_eval and BEIR. It is 0 where there is no query.
 */
export function meanMetrics(queries: Iterable<JudgedRanking>, ks: readonly number[]): RetrievalMetrics {
  const sums: Record<string, number> = metricsOf({ ranking: [], judgements: new Map() }, ks);
  let count = 0;
  for (const query of queries) {
    count += 1;
    for (const [name, value] of Object.entries(metricsOf(query, ks))) sums[name]! += value;
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / Math.max(1, count)]));
}
