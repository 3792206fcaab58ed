import { exactSearch, Index, MetricKind, ScalarKind } from 'usearch';
import type { HnswParameters, IndexMetric, IndexPrecision } from '../../core/index/index-options.js';
import { unitRows } from '../../core/metrics/cosine.js';

/**
 * The release of usearch whose file format is written. It is part of the name of every graph that
 * usearch builds.
 */
export const USEARCH_VERSION = '2.21.4';

/** Row keys and usearch's distances, nearest first. */
export interface Candidates {
  keys: BigUint64Array;
  distances: Float32Array;
}

/** Creates an empty graph, which can also `view` a file. `expansionSearch` is its ef. */
export function newGraph(parameters: HnswParameters, expansionSearch: number): Index {
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

/**
 * Vectors `[rows, dimensions]` in the form that a graph of this metric needs: of length 1 for the
 * cosine.
 */
export function asHnswRows(vectors: Float32Array, metric: IndexMetric, dimensions: number): Float32Array {
  return metric === 'cosine' ? unitRows(vectors, dimensions) : vectors;
}

/**
 * Returns the metric of the native graph. Rows of length 1 need no norms, so that the cosine is
 * their inner product. Bits have a distance of their own.
 */
export function graphMetric({ metric, precision }: Pick<HnswParameters, 'metric' | 'precision'>): MetricKind {
  if (precision === 'binary') return MetricKind.Hamming;
  return metric === 'l2' ? MetricKind.L2sq : MetricKind.IP;
}

export function graphScalar(precision: IndexPrecision): ScalarKind {
  return SCALARS[precision];
}

/**
 * Finds the `k` rows nearest to each query by comparison with all rows, as row numbers. `k` is at
 * most the number of rows. Rows and queries must be in the form that `asHnswRows` gives.
 */
export function exactNearest(
  rows: Float32Array,
  queries: Float32Array,
  { metric, dimensions }: Pick<HnswParameters, 'metric' | 'dimensions'>,
  k: number,
): Candidates[] {
  const kind = metric === 'l2' ? MetricKind.L2sq : MetricKind.IP;
  const all = startOfBuffer(rows);
  // usearch keeps every distance of a call twice.
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

/** The greatest number of distances in one call, of 32 bytes each. */
const MAX_DISTANCES_PER_CALL = 2_000_000;

/** usearch reads an array's buffer from its beginning, even where the array begins later. */
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
