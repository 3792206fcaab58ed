import { dotAt, unitRows } from '../../core/metrics/cosine.js';
import { pearson } from '../../core/metrics/pearson.js';
import { spearman } from '../../core/metrics/spearman.js';
import type { Embedder } from '../model/embedder.js';
import type { EvaluateOptions, EvaluationResult } from './evaluation-result.js';
import type { SentencePair } from './read-sentence-pairs.js';

/**
 * How the cosines of the pairs, embedded without a prompt, correlate with the judges' scores. A correlation is null where
 * all cosines or all scores are equal. Errors: those of the model.
 */
export async function evaluateSimilarity(
  pairs: readonly SentencePair[],
  embedder: Embedder,
  { signal, onProgress }: Pick<EvaluateOptions, 'signal' | 'onProgress'>,
): Promise<EvaluationResult> {
  const texts = pairs.flatMap(({ first, second }) => [first, second]);
  let done = 0;
  const { vectors, tokens } = await embedder.embed(texts, {
    ...(signal && { signal }),
    onProgress: ({ rows }) => {
      done += rows;
      onProgress?.(done, texts.length);
    },
  });
  const { dimensions } = embedder.signature;
  const units = unitRows(vectors, dimensions);
  const cosines = pairs.map((_, pair) =>
    dotAt(units, 2 * pair * dimensions, units, (2 * pair + 1) * dimensions, dimensions),
  );
  const scores = pairs.map(({ score }) => score);
  const metrics = { spearman: spearman(cosines, scores) ?? null, pearson: pearson(cosines, scores) ?? null };
  return { metrics, counts: { pairs: pairs.length }, tokens };
}
