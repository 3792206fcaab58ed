import type { GraphParameters, IndexMetric } from '../../core/index/index-options.js';
import type { Candidates } from './usearch.js';

/** What an index thread is asked to do, one task at a time. */
export type IndexTask =
  | { kind: 'open'; parameters: GraphParameters }
  /**
   * Row-major `[keys, dimensions]`. With one thread the same rows give the same graph; with several, the order of arrival
   * decides the edges.
   */
  | { kind: 'add'; keys: BigUint64Array; vectors: Float32Array; threads: number }
  /** Takes these rows out and adds them again, one after the other. */
  | { kind: 'again'; keys: BigUint64Array; vectors: Float32Array }
  /** For each of these vectors the rows that a search of the graph finds. */
  | { kind: 'near'; vectors: Float32Array; k: number }
  | { kind: 'save'; file: string }
  /** Rows and queries `[…, dimensions]`, for the cosine of length 1. */
  | {
      kind: 'exact';
      rows: Float32Array;
      queries: Float32Array;
      metric: IndexMetric;
      dimensions: number;
      k: number;
    };

export type IndexReply =
  /** One list a query, of `exact` and `near` tasks alone. */
  { outcome: 'done'; candidates: Candidates[] } | { outcome: 'failed'; reason: string };
