import { countRelevant, isRelevant, type Judgements, type Ranking } from './judgements.js';

const METRICS = { ndcg: ndcgAt, map: averagePrecisionAt, recall: recallAt, mrr: reciprocalRankAt } as const;

/** Metrics by name: `ndcg@10`, `map@10`, `recall@10`, `mrr@10` and so on for every k. */
export type RetrievalMetrics = Readonly<Record<string, number>>;

export interface JudgedRanking {
  ranking: Ranking;
  judgements: Judgements;
}

/** Returns the metrics of one query at every cut of `ks`, by name. */
export function metricsOf({ ranking, judgements }: JudgedRanking, ks: readonly number[]): RetrievalMetrics {
  return Object.fromEntries(
    Object.entries(METRICS).flatMap(([name, metric]) =>
      ks.map((k) => [`${name}@${k}`, metric(ranking, judgements, k)]),
    ),
  );
}

/**
 * Returns the mean of each metric over the queries. Every query counts the same, and those without
 * a relevant document count as 0, as in pytrec_eval and BEIR. It is 0 where there is no query.
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

/**
 * Computes the normalised discounted cumulative gain over the first `k`, as trec_eval's `ndcg_cut`.
 * The gain is the relevance itself (not 2^relevance − 1), and a negative one counts as 0. The
 * discount is log2(rank + 1), and the ideal ranking holds every judged document. It is 0 where no
 * document is relevant.
 */
export function ndcgAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const ideal = discountedGain([...judgements.values()].sort((a, b) => b - a).slice(0, k));
  if (ideal === 0) return 0;
  return discountedGain(ranking.slice(0, k).map((document) => judgements.get(document) ?? 0)) / ideal;
}

function discountedGain(relevances: readonly number[]): number {
  return relevances.reduce((sum, relevance, index) => sum + Math.max(0, relevance) / Math.log2(index + 2), 0);
}

/**
 * Computes the average precision as trec_eval's `map_cut`: the precision at the rank of each
 * relevant document among the first `k`, summed and divided by the number of all relevant
 * documents. It is 0 where no document is relevant.
 */
export function averagePrecisionAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const relevant = countRelevant(judgements);
  let found = 0;
  let sum = 0;
  for (const [index, document] of ranking.slice(0, k).entries()) {
    if (!isRelevant(judgements, document)) continue;
    found += 1;
    sum += found / (index + 1);
  }
  return relevant === 0 ? 0 : sum / relevant;
}

/**
 * Returns the fraction of the relevant documents that are among the first `k`, as trec_eval's
 * `recall`. It is 0 where no document is relevant.
 */
export function recallAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const relevant = countRelevant(judgements);
  if (relevant === 0) return 0;
  return ranking.slice(0, k).filter((document) => isRelevant(judgements, document)).length / relevant;
}

/**
 * Computes 1 / rank of the first relevant document, or 0 where the first `k` hold none. trec_eval's
 * `recip_rank` has no `k`. MTEB's MRR@k is the mean of these values.
 */
export function reciprocalRankAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const index = ranking.slice(0, k).findIndex((document) => isRelevant(judgements, document));
  return index < 0 ? 0 : 1 / (index + 1);
}
