import type { IndexRequest } from './choose-parameters.js';
import type { GraphParameters, SearchParameters } from './index-options.js';

/** A graph of an index, as it lies on storage. */
export interface IndexShardRecord {
  formatVersion: 1;
  /** Hash of the vector files' checksums and the graph's parameters; the file's name. */
  content: string;
  sha256: string;
  bytes: number;
  rows: number;
  /** Decimal row keys of the first and last row. */
  firstKey: string;
  lastKey: string;
  /** Wall time that adding the rows took. */
  buildSeconds: number;
  /** Largest resident set of the process until then. */
  peakMemoryBytes: number;
}

/** What an index found of what exact search finds, before it was published. */
export interface IndexGate {
  /** Least recall that is published. */
  target: number;
  /** Neighbours compared for each query. */
  k: number;
  /** Rows of the version that served as queries, each taken out of its own results. */
  queries: number;
  recall: number;
  /** Each ef search that was tried, on queries of its own, until one reached the target. */
  tried: readonly { expansionSearch: number; recall: number }[];
}

/** The create-once record that makes an index searchable. */
export interface IndexManifest {
  formatVersion: 1;
  name: string;
  dataset: string;
  version: string;
  source: {
    /** sha256, hex, of the version's manifest.json. */
    manifestSha256: string;
    fingerprint: string;
    rows: number;
  };
  engine: { name: 'usearch'; version: string };
  kind: 'exact' | 'hnsw';
  /** What was asked for. */
  request: IndexRequest;
  graph: GraphParameters;
  search: SearchParameters;
  /** Why the parameters are what they are. */
  reasons: readonly string[];
  /** In row-key order; none for exact search. */
  shards: readonly IndexShardRecord[];
  bytes: number;
  /** Sum over the shards. */
  buildSeconds: number;
  peakMemoryBytes: number;
  gate: IndexGate;
}
