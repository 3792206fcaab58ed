import type { Judgements, Ranking } from './judgements.js';

/**
 * Normalised discounted cumulative gain over the first `k`, as trec_eval's `ndcg_cut`. The gain is
 * the relevance itself (not 2^relevance − 1), and a negative one counts as 0. The discount is
 * log2(rank + 1), and the ideal ranking holds every judged document. It is 0 where no document is
 * relevant.
 */
export function ndcgAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const ideal = discountedGain([...judgements.values()].sort((a, b) => b - a).slice(0, k));
  if (ideal === 0) return 0;
  return discountedGain(ranking.slice(0, k).map((document) => judgements.get(document) ?? 0)) / ideal;
}

function discountedGain(relevances: readonly number[]): number {
  return relevances.reduce((sum, relevance, index) => sum + Math.max(0, relevance) / Math.log2(index + 2), 0);
}
