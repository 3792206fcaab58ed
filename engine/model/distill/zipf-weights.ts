/**
 * The rarity at which a word gets nearly its full weight. The value is that of the paper and of
 * model2vec.
 */
export const SIF_COEFFICIENT = 1e-4;

/**
 * Returns a weight for each of `tokens` tokens, the most frequent first: the smooth inverse
 * frequency `a / (a + p)` (Arora, Liang and Ma 2017, "A Simple but Tough-to-Beat Baseline for
 * Sentence Embeddings"). By Zipf's law, the frequency p falls as 1 / rank, and all p add up to 1.
 * Ranks begin at 2, as in model2vec.
 */
export function zipfWeights(tokens: number): Float64Array {
  const frequencies = Float64Array.from({ length: tokens }, (_, index) => 1 / (index + 2));
  const sum = frequencies.reduce((total, frequency) => total + frequency, 0);
  return frequencies.map((frequency) => SIF_COEFFICIENT / (SIF_COEFFICIENT + frequency / sum));
}
