/**
 * The measures of how near two vectors are: the angle, the product, or the straight line between
 * them.
 */
export const INDEX_METRICS = ['cosine', 'dot', 'l2'] as const;
export type IndexMetric = (typeof INDEX_METRICS)[number];

/**
 * The precisions in which a graph may store its own copy of the vectors. Every answer is scored
 * again with the version's own vectors.
 */
export const INDEX_PRECISIONS = ['float32', 'float16', 'bfloat16', 'int8', 'binary'] as const;
export type IndexPrecision = (typeof INDEX_PRECISIONS)[number];

/**
 * The parameters with which a graph is built. Its edges also depend on the order in which rows
 * arrive, which several threads leave to chance.
 */
export interface HnswParameters {
  metric: IndexMetric;
  precision: IndexPrecision;
  dimensions: number;
  /**
   * M: the number of neighbours to which a new row is linked. On the lowest layer it is twice as
   * many.
   */
  connectivity: number;
  /**
   * ef construction: the number of candidates that are kept during the search for a new row's
   * neighbours.
   */
  expansionAdd: number;
}

/**
 * The parameters with which a graph is searched. This is decided by measurement once the graph is
 * built.
 */
export interface SearchParameters {
  /**
   * ef search: the number of candidates that are kept during the search for a query's neighbours.
   */
  expansionSearch: number;
  /**
   * The number of candidates that are scored with the version's own vectors for each neighbour that
   * is wanted.
   */
  oversampling: number;
}

/** The number of neighbours that searches are tuned for. */
export const TUNED_K = 10;

/**
 * Returns the parameters of a search that keeps this many candidates in each graph. The candidates
 * are scored again with the version's own vectors, up to the number that the precision can need,
 * because it changes the order of neighbours.
 */
export function searchParametersOf(expansionSearch: number, precision: IndexPrecision): SearchParameters {
  const kept = expansionSearch / TUNED_K;
  return { expansionSearch, oversampling: Math.max(1, Math.min(MAX_OVERSAMPLING[precision], kept)) };
}

const MAX_OVERSAMPLING: Readonly<Record<IndexPrecision, number>> = {
  float32: 1,
  float16: 2,
  bfloat16: 2,
  int8: 2,
  binary: 16,
};
