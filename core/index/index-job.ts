import type { VersionLocation } from '../job-spec.js';
import type { IndexRequest } from './choose-parameters.js';

/** Which index of which version, and what it is for. */
export interface IndexJob {
  location: VersionLocation;
  name: string;
  request: IndexRequest;
}

/** What a published index came to. */
export interface IndexSummary {
  name: string;
  kind: 'exact' | 'hnsw';
  rows: number;
  bytes: number;
  recall: number;
  buildSeconds: number;
}
