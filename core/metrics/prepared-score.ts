import type { ScoreMetric } from '../similarity.js';
import { dotAt, unitRows } from './cosine.js';
import { l1At, l2At } from './distances.js';

/** Rows `[rows, dimensions]` as `preparedScore` takes them: for the cosine, of length 1. */
export function preparedRows(vectors: Float32Array, metric: ScoreMetric, dimensions: number): Float32Array {
  return metric === 'cosine' ? unitRows(vectors, dimensions) : vectors;
}

/** The score of a row of `left` with one of `right`, which begin at those indices. */
export type PreparedScore = typeof dotAt;

/** Of prepared rows; higher is nearer. A row of zeros has the cosine 0. */
export function preparedScore(metric: ScoreMetric): PreparedScore {
  if (metric === 'l2')
    return (left, leftStart, right, rightStart, dimensions) =>
      -l2At(left, leftStart, right, rightStart, dimensions);
  if (metric === 'l1')
    return (left, leftStart, right, rightStart, dimensions) =>
      -l1At(left, leftStart, right, rightStart, dimensions);
  return dotAt;
}
