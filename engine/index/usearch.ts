import { exactSearch, Index, MetricKind, ScalarKind } from 'usearch';
import type { GraphParameters, IndexMetric, IndexPrecision } from '../../core/index/index-options.js';
import { unitRows } from '../../core/metrics/cosine.js';

/** The release of usearch whose graphs are written; part of the name of every graph. */
export const USEARCH_VERSION = '2.21.4';

/** Row keys and usearch's distances, nearest first. */
export interface Candidates {
  keys: BigUint64Array;
  distances: Float32Array;
}

/** An empty graph, or one to `view` a file with; `expansionSearch` is its ef. */
export function newGraph(parameters: GraphParameters, expansionSearch: number): Index {
  const { dimensions, connectivity, expansionAdd, precision } = parameters;
  return new Index({
    dimensions,
    metric: graphMetric(parameters),
    quantization: SCALARS[precision],
    connectivity,
    expansion_add: expansionAdd,
    expansion_search: expansionSearch,
    multi: false,
  });
}

/** Vectors `[rows, dimensions]` as a graph of this metric takes them: for the cosine, of length 1. */
export function asGraphRows(vectors: Float32Array, metric: IndexMetric, dimensions: number): Float32Array {
  return metric === 'cosine' ? unitRows(vectors, dimensions) : vectors;
}

/** The metric of the native graph. Rows of length 1 need no norms, and bits have a distance of their own. */
export function graphMetric({
  metric,
  precision,
}: Pick<GraphParameters, 'metric' | 'precision'>): MetricKind {
  if (precision === 'binary') return MetricKind.Hamming;
  return metric === 'l2' ? MetricKind.L2sq : MetricKind.IP;
}

export function graphScalar(precision: IndexPrecision): ScalarKind {
  return SCALARS[precision];
}

/**
 * The `k` rows nearest to each query by comparison with all, as row numbers; `k` is at most the number of rows. Rows and
 * queries are as `asGraphRows` gives them.
 */
export function exactNearest(
  rows: Float32Array,
  queries: Float32Array,
  { metric, dimensions }: Pick<GraphParameters, 'metric' | 'dimensions'>,
  k: number,
): Candidates[] {
  const kind = metric === 'l2' ? MetricKind.L2sq : MetricKind.IP;
  const { keys, distances } = exactSearch(
    startOfBuffer(rows),
    startOfBuffer(queries),
    dimensions,
    k,
    kind,
    1,
  );
  return Array.from({ length: queries.length / dimensions }, (_, query) => ({
    keys: keys.slice(query * k, (query + 1) * k),
    distances: distances.slice(query * k, (query + 1) * k),
  }));
}

/** usearch reads the buffer of an array from its beginning, wherever the array itself begins. */
function startOfBuffer(values: Float32Array): Float32Array {
  return values.byteOffset === 0 ? values : values.slice();
}

const SCALARS: Readonly<Record<IndexPrecision, ScalarKind>> = {
  float32: ScalarKind.F32,
  float16: ScalarKind.F16,
  bfloat16: ScalarKind.BF16,
  int8: ScalarKind.I8,
  binary: ScalarKind.B1,
};
