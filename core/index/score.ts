import { dotAt } from '../metrics/cosine.js';
import { l1At, l2At } from '../metrics/distances.js';
import type { ScoreMetric } from '../similarity.js';

/** A row's vector in a row-major array, with the length that its cosine is divided by. */
export interface ScoredPlace {
  vectors: Float32Array;
  start: number;
  /** The Euclidean length of the vector. */
  norm: number;
}

/**
 * Returns a function that says how near a row is to `query`: the cosine (0 for a row of zeros), the
 * product, or the Euclidean or Manhattan distance with its sign turned. A higher number is nearer
 * for every metric. The query is prepared once for many rows.
 */
export function scorerOf(metric: ScoreMetric, query: Float32Array): (place: ScoredPlace) => number {
  const dimensions = query.length;
  if (metric === 'l2') return ({ vectors, start }) => -l2At(vectors, start, query, 0, dimensions);
  if (metric === 'l1') return ({ vectors, start }) => -l1At(vectors, start, query, 0, dimensions);
  if (metric === 'dot') return ({ vectors, start }) => dotAt(vectors, start, query, 0, dimensions);
  const [queryNorm = 0] = normsOf(query, dimensions);
  return ({ vectors, start, norm }) => {
    const norms = norm * queryNorm;
    return norms === 0 ? 0 : dotAt(vectors, start, query, 0, dimensions) / norms;
  };
}

/** Returns the Euclidean length of each row of `[rows, dimensions]`. */
export function normsOf(vectors: Float32Array, dimensions: number): Float64Array {
  return Float64Array.from({ length: vectors.length / dimensions }, (_, row) =>
    Math.sqrt(dotAt(vectors, row * dimensions, vectors, row * dimensions, dimensions)),
  );
}
