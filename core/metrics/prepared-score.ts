import type { ScoreMetric } from '../similarity.js';
import { dotAt, unitRows } from './cosine.js';
import { l1At, l2At } from './distances.js';

/**
 * Rows `[rows, dimensions]` in the form that `preparedScore` takes. For the cosine they have length
 * 1.
 */
export function preparedRows(vectors: Float32Array, metric: ScoreMetric, dimensions: number): Float32Array {
  return metric === 'cosine' ? unitRows(vectors, dimensions) : vectors;
}

/** Computes the score of a row of `left` with one of `right`, which begin at those indices. */
export type PreparedScore = typeof dotAt;

/**
 * Returns the score of prepared rows. A higher score is nearer. A row of zeros has the cosine 0.
 */
export function preparedScore(metric: ScoreMetric): PreparedScore {
  if (metric === 'l2')
    return (left, leftStart, right, rightStart, dimensions) =>
      -l2At(left, leftStart, right, rightStart, dimensions);
  if (metric === 'l1')
    return (left, leftStart, right, rightStart, dimensions) =>
      -l1At(left, leftStart, right, rightStart, dimensions);
  return dotAt;
}
