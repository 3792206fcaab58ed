import { pearson } from '../../core/metrics/pearson.js';
import { preparedRows, preparedScore } from '../../core/metrics/prepared-score.js';
import { spearman } from '../../core/metrics/spearman.js';
import { metricOf } from '../../core/similarity.js';
import type { Embedder } from '../model/embedder.js';
import type { EvaluateOptions, EvaluationResult } from './evaluation-result.js';
import type { SentencePair } from './read-sentence-pairs.js';

/**
 * How the similarities of the pairs, embedded without a prompt and compared as the model says, correlate with the judges'
 * scores. A correlation is null where all similarities or all scores are equal. Errors: those of the model.
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
  const metric = metricOf(embedder.signature);
  const rows = preparedRows(vectors, metric, dimensions);
  const scoreAt = preparedScore(metric);
  const similarities = pairs.map((_, pair) =>
    scoreAt(rows, 2 * pair * dimensions, rows, (2 * pair + 1) * dimensions, dimensions),
  );
  const scores = pairs.map(({ score }) => score);
  const metrics = {
    spearman: spearman(similarities, scores) ?? null,
    pearson: pearson(similarities, scores) ?? null,
  };
  return { metrics, counts: { pairs: pairs.length }, tokens };
}
