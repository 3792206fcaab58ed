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
  const all = startOfBuffer(rows);
  // usearch keeps every distance of a call, twice.
  const perCall = Math.max(1, Math.floor(MAX_DISTANCES_PER_CALL / (rows.length / dimensions)));
  const found: Candidates[] = [];
  for (let from = 0; from < queries.length; from += perCall * dimensions) {
    const some = startOfBuffer(queries.subarray(from, from + perCall * dimensions));
    const { keys, distances } = exactSearch(all, some, dimensions, k, kind, 1);
    for (let at = 0; at < keys.length; at += k)
      found.push({ keys: keys.slice(at, at + k), distances: distances.slice(at, at + k) });
  }
  return found;
}

/** Distances of one call, of 32 bytes each. */
const MAX_DISTANCES_PER_CALL = 2_000_000;

/** usearch reads the buffer of an array from its beginning, wherever the array itself begins. */
function startOfBuffer(values: Float32Array): Float32Array {
  const isWhole = values.byteOffset === 0 && values.byteLength === values.buffer.byteLength;
  return isWhole ? values : values.slice();
}

const SCALARS: Readonly<Record<IndexPrecision, ScalarKind>> = {
  float32: ScalarKind.F32,
  float16: ScalarKind.F16,
  bfloat16: ScalarKind.BF16,
  int8: ScalarKind.I8,
  binary: ScalarKind.B1,
};
