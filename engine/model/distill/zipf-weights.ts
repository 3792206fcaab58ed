/** How rare a word must be to count in full; the value of the paper and of model2vec. */
export const SIF_COEFFICIENT = 1e-4;

/**
 * A weight for each of so many tokens, most frequent first: smooth inverse frequency, `a / (a + p)` (Arora, Liang and Ma 2017,
 * "A Simple but Tough-to-Beat Baseline for Sentence Embeddings"), with p by Zipf's law: falling as 1 / rank, summing to
 * 1. Ranks begin at 2, as model2vec's do.
 */
export function zipfWeights(tokens: number): Float64Array {
  const shares = Float64Array.from({ length: tokens }, (_, index) => 1 / (index + 2));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => SIF_COEFFICIENT / (SIF_COEFFICIENT + share / sum));
}
