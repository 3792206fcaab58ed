import { countRelevant, isRelevant, type Judgements, type Ranking } from './judgements.js';

/**
 * Share of the relevant documents among the first `k`, as trec_eval's `recall`; 0 where none is
 * relevant.
 */
export function recallAt(ranking: Ranking, judgements: Judgements, k: number): number {
  const relevant = countRelevant(judgements);
  if (relevant === 0) return 0;
  return ranking.slice(0, k).filter((document) => isRelevant(judgements, document)).length / relevant;
}
