/** What nearness means: the angle, the product, or the straight line. */
export const INDEX_METRICS = ['cosine', 'dot', 'l2'] as const;
export type IndexMetric = (typeof INDEX_METRICS)[number];

/**
 * How a graph keeps its own copy of the vectors; every answer is scored anew with the version's
 * own.
 */
export const INDEX_PRECISIONS = ['float32', 'float16', 'bfloat16', 'int8', 'binary'] as const;
export type IndexPrecision = (typeof INDEX_PRECISIONS)[number];

/**
 * What a graph is made with; its edges depend on the order in which rows arrive, too, which several
 * threads leave to chance.
 */
export interface GraphParameters {
  metric: IndexMetric;
  precision: IndexPrecision;
  dimensions: number;
  /** M: neighbours that a new row is joined to; twice as many on the lowest layer. */
  connectivity: number;
  /** ef construction: candidates that are kept while a new row's neighbours are looked for. */
  expansionAdd: number;
}

/** How a graph is searched; decided by measurement once it stands. */
export interface SearchParameters {
  /** ef search: candidates that are kept while a query's neighbours are looked for. */
  expansionSearch: number;
  /** Candidates scored with the version's own vectors, for each neighbour that is wanted. */
  oversampling: number;
}

/** Neighbours that searches are tuned for. */
export const TUNED_K = 10;

/**
 * A search with so many candidates in each graph: those that are kept anyway are scored anew, up to
 * what the order that the precision loses can need.
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
