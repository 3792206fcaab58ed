import { dotAt } from '../metrics/cosine.js';
import type { IndexMetric } from './index-options.js';

/**
 * How near the row of `rows` that begins at `start` is to `query`: the cosine (0 for a row of zeros), the product, or the
 * Euclidean distance with its sign turned; higher is nearer in each. The query is prepared once for many rows.
 */
export function scorerOf(
  metric: IndexMetric,
  query: Float32Array,
): (rows: Float32Array, start: number) => number {
  const dimensions = query.length;
  if (metric === 'l2') return (rows, start) => -distance(rows, start, query);
  if (metric === 'dot') return (rows, start) => dotAt(rows, start, query, 0, dimensions);
  const queryNorm = Math.sqrt(dotAt(query, 0, query, 0, dimensions));
  return (rows, start) => {
    const norm = Math.sqrt(dotAt(rows, start, rows, start, dimensions)) * queryNorm;
    return norm === 0 ? 0 : dotAt(rows, start, query, 0, dimensions) / norm;
  };
}

function distance(rows: Float32Array, start: number, query: Float32Array): number {
  let squares = 0;
  for (let index = 0; index < query.length; index += 1) {
    const difference = rows[start + index]! - query[index]!;
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}
