import { isRelevant, type Judgements, type Ranking } from './judgements.js';

/**
 * 1 / rank of the first relevant document, or 0 where the first `k` hold none. trec_eval's
 * `recip_rank` has no `k`. MTEB's MRR@k is the mean of these values.
 */
export function reciprocalRankAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const index = ranking.slice(0, k).findIndex((document) => isRelevant(judgements, document));
  return index < 0 ? 0 : 1 / (index + 1);
}
