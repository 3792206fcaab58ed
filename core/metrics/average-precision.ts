import { countRelevant, isRelevant, type Judgements, type Ranking } from './judgements.js';

/**
 * Average precision as trec_eval's `map_cut`: the precision at the rank of each relevant document
 * among the first `k`, summed and divided by the number of all relevant documents. It is 0 where no
 * document is relevant.
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
