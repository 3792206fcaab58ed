import { dotAt } from '../metrics/cosine.js';
import type { IndexMetric } from './index-options.js';

/**
 * How near the row of `left` that begins at `leftStart` is to that of `right`: the cosine (0 for a row of zeros), the
 * product, or the Euclidean distance with its sign turned; higher is nearer in each.
 */
export function scoreAt(
  metric: IndexMetric,
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  dimensions: number,
): number {
  if (metric === 'l2') return -distanceAt(left, leftStart, right, rightStart, dimensions);
  const product = dotAt(left, leftStart, right, rightStart, dimensions);
  if (metric === 'dot') return product;
  const norms =
    dotAt(left, leftStart, left, leftStart, dimensions) *
    dotAt(right, rightStart, right, rightStart, dimensions);
  return norms === 0 ? 0 : product / Math.sqrt(norms);
}

function distanceAt(
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  dimensions: number,
): number {
  let squares = 0;
  for (let index = 0; index < dimensions; index += 1) {
    const difference = left[leftStart + index]! - right[rightStart + index]!;
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}
