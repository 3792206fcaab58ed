import type { VersionLocation } from '../job-spec.js';
import type { IndexRequest } from './choose-parameters.js';

/** Which index of which version, and what it is for. */
export interface IndexJob {
  location: VersionLocation;
  name: string;
  request: IndexRequest;
}

/** What a published index came to. */
export interface PublishedIndex {
  name: string;
  kind: 'exact' | 'hnsw';
  rows: number;
  bytes: number;
  recall: number;
  buildSeconds: number;
}

/** What the workflow that builds an index returns. */
export interface IndexSummary extends PublishedIndex {
  /**
   * Graphs that it found built, here or in the parent version's index; 0 where the index itself
   * stood.
   */
  reused: number;
}

/** What building one shard came to. */
export interface ShardOutcome {
  rows: number;
  reused: boolean;
}
