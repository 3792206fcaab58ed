import type { PartFileRef } from '../commit.js';
import type { IndexRequest } from './choose-parameters.js';
import type { HnswParameters, SearchParameters } from './index-options.js';

/** A graph of an index, as it lies on storage. */
export interface IndexShardRecord {
  formatVersion: 1;
  /**
   * The hash of what the graph is made of: the vector files' checksums, the graph's parameters and
   * its builder. It is also the name of the file.
   */
  content: string;
  /**
   * The builder by name and version: `vectormill 1` or `usearch 2.21.4`. Releases that built with
   * usearch alone left it out.
   */
  builder?: string;
  /**
   * The hash of the graph's file. Several threads never build the same edges twice, so `content`
   * does not decide it.
   */
  sha256: string;
  bytes: number;
  rows: number;
  /** Decimal row keys of the first and last row. */
  firstKey: string;
  lastKey: string;
  /** The cost of building the graph. Null where the process ended before it could say. */
  build: GraphCost | null;
}

/** A graph that an index searches. It may have been built for an earlier version. */
export interface IndexGraph extends IndexShardRecord {
  /** The key of the graph's file, relative to the output root. */
  key: string;
  /** The number of the graph's rows that live in the index's version. */
  liveRows: number;
  /**
   * The list of the rows that the graph was built over. Null in indexes of the first format, whose
   * graphs are made of whole versions.
   */
  rowList: PartFileRef | null;
}

/** Rows that are in no graph, and that every query is compared with. */
export interface IndexDelta {
  rows: number;
  /** The list of these rows. */
  rowList: PartFileRef;
}

export interface GraphCost {
  /** The wall time of adding the rows, in seconds. */
  seconds: number;
  /** The number of threads that added rows side by side. */
  threads: number;
  /**
   * The greatest growth of the process's resident set meanwhile, in bytes. It is measured after
   * every few thousand rows.
   */
  memoryBytes: number;
}

/**
 * The fraction of exact search's neighbours that an index found when it was measured before
 * publication.
 */
export interface IndexGate {
  /** The least recall with which an index is published. */
  target: number;
  /** The number of neighbours that are compared for each query. */
  k: number;
  /**
   * The number of rows of the version that served as queries. Each is taken out of its own results.
   */
  queries: number;
  recall: number;
  /** Every ef search that was tried, each on other queries, until one reached the target. */
  tried: readonly { expansionSearch: number; recall: number }[];
}

/**
 * Libraries whose file formats graphs have, by name. To add one, add a name here and a reader in
 * `engine/index`.
 */
export const GRAPH_ENGINES = ['usearch'] as const;

export interface GraphEngine {
  name: (typeof GRAPH_ENGINES)[number];
  version: string;
}

/** The create-once record that makes an index searchable. */
export interface IndexManifest {
  formatVersion: 2;
  name: string;
  dataset: string;
  version: string;
  source: {
    /** sha256, hex, of the version's manifest.json. */
    manifestSha256: string;
    fingerprint: string;
    rows: number;
  };
  /**
   * The library whose file format graphs have and which maps them. Each shard says what built it.
   */
  engine: GraphEngine;
  kind: 'exact' | 'hnsw';
  /** The request that the index was made for. */
  request: IndexRequest;
  graph: HnswParameters;
  search: SearchParameters;
  /** Sentences that say why the parameters are what they are. */
  reasons: readonly string[];
  /**
   * The graphs: first those of the parent version's index, then those that were built for this
   * version, each in row-key order. There are none for exact search.
   */
  shards: readonly IndexGraph[];
  /** Null where every row is in a graph, and for exact search. */
  delta: IndexDelta | null;
  bytes: number;
  /** Sum over the shards whose `build` is known. */
  buildSeconds: number;
  /** The largest value of any shard, because one graph is built at a time. */
  buildMemoryBytes: number;
  gate: IndexGate;
  /**
   * The queries of the gate with their exact neighbours, for the index of the next version. Null
   * for exact search.
   */
  gateQueries: PartFileRef | null;
}

/** The first format: all graphs lie in the index's own folder, and all their rows live. */
export interface FirstIndexManifest
  extends Omit<IndexManifest, 'formatVersion' | 'shards' | 'delta' | 'gateQueries'> {
  formatVersion: 1;
  shards: readonly IndexShardRecord[];
}
