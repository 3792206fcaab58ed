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
