import type { ErrorCode } from '../errors.js';

/** The content of `gc/<number>/plan.json`, which begins a collection. */
export interface CollectionPlan {
  formatVersion: 1;
  /** The versions that are retired. */
  retire: readonly string[];
  /** Those of them that were not finished when they were retired. */
  unfinished: readonly string[];
  /** The recent moves of each ref whose versions are kept, as when the collection began. */
  history: number;
  /** The time in ms that readers are given before anything is deleted. */
  graceMs: number;
}

/** The content of `gc/<number>/report.json`, which ends a collection. */
export interface CollectionReport {
  formatVersion: 1;
  collection: number;
  /** The versions that are gone but for files that other versions list. */
  deleted: readonly string[];
  /** The versions that somebody has needed since the plan. */
  kept: readonly string[];
  /** The number of objects that were deleted, and their bytes. */
  files: number;
  bytes: number;
}

/**
 * The result of a call: nothing was to be done; or a collection waits until readers have had their
 * time, which ends at `until` in ms since the epoch; or a collection is done.
 */
export type CollectionOutcome =
  | { outcome: 'nothing' }
  | { outcome: 'waiting'; collection: number; retire: readonly string[]; until: number }
  | { outcome: 'done'; report: CollectionReport };

/**
 * The result of the collection after a job or a night. A collection that fails does not undo the
 * version that is complete; the next one goes on with it.
 */
export type CollectionResult = CollectionOutcome | { outcome: 'failed'; code: ErrorCode; message: string };
