import type { IndexRequest } from './choose-parameters.js';
import type { GraphParameters, SearchParameters } from './index-options.js';

/** A graph of an index, as it lies on storage. */
export interface IndexShardRecord {
  formatVersion: 1;
  /**
   * Hash of the vector files' checksums, the graph's parameters and its builder: what it is made
   * of, and the file's name.
   */
  content: string;
  /**
   * What built it, by name and version: `vectormill 1` or `usearch 2.21.4`; left out by releases
   * that built with usearch alone.
   */
  builder?: string;
  /**
   * Of the file that stands. Several threads never build the same edges twice, so `content` does
   * not decide it.
   */
  sha256: string;
  bytes: number;
  rows: number;
  /** Decimal row keys of the first and last row. */
  firstKey: string;
  lastKey: string;
  /** What building it took; null where its process ended before it could say. */
  build: GraphCost | null;
}

export interface GraphCost {
  /** Wall time of adding the rows. */
  seconds: number;
  /** That added rows side by side. */
  threads: number;
  /**
   * The most by which the process's resident set grew meanwhile, looked at after every some
   * thousand rows.
   */
  memoryBytes: number;
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

/**
 * Libraries whose file formats graphs have, by name. Another one takes a name here, and a reader in
 * `engine/index`.
 */
export const GRAPH_ENGINES = ['usearch'] as const;

export interface GraphEngine {
  name: (typeof GRAPH_ENGINES)[number];
  version: string;
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
  /** Whose file format graphs have, and what maps them; each shard says what built it. */
  engine: GraphEngine;
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
  /** Sum over the shards whose `build` is known. */
  buildSeconds: number;
  /** The most of any of them; one graph is built at a time. */
  buildMemoryBytes: number;
  gate: IndexGate;
}
