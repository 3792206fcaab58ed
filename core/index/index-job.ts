import type { VersionLocation } from '../job-spec.js';
import type { IndexRequest } from './choose-parameters.js';

/** Names an index and its version, and says what the index is for. */
export interface IndexJob {
  location: VersionLocation;
  name: string;
  request: IndexRequest;
}

/** The size and quality of a published index. */
export interface PublishedIndex {
  name: string;
  kind: 'exact' | 'hnsw';
  rows: number;
  bytes: number;
  recall: number;
  buildSeconds: number;
  /**
   * The number of the parent index's graphs that are searched on. Absent where an earlier release
   * built the index, and 0 where the whole index was found.
   */
  followed?: number;
}

/** The result of the workflow that builds an index. */
export interface IndexSummary extends PublishedIndex {
  /**
   * The number of graphs that were already built, here or in the parent version's index; 0 where
   * the whole index was found.
   */
  reused: number;
}

/** The result of building one shard. */
export interface ShardOutcome {
  rows: number;
  reused: boolean;
}
