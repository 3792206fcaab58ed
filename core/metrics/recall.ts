import { countRelevant, isRelevant, type Judgements, type Ranking } from './judgements.js';

/**
 * The share of the relevant documents that are among the first `k`, as trec_eval's `recall`. It is
 * 0 where no document is relevant.
 */
export function recallAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const relevant = countRelevant(judgements);
  if (relevant === 0) return 0;
  return ranking.slice(0, k).filter((document) => isRelevant(judgements, document)).length / relevant;
}
