/** A record of another step, and its hash at the time. */
export interface LinkedRecord {
  /** Relative to the output root. */
  key: string;
  /** sha256, hex, of the record's bytes. */
  sha256: string;
}

/**
 * What `lineage.json` of a nightly version holds; create-once, written when every step has
 * succeeded.
 */
export interface Lineage {
  formatVersion: 1;
  dataset: string;
  version: string;
  /** The version that the ref named when the night began. */
  parent: string | null;
  fingerprint: string;
  schedule: string;
  /** Times are ms since the epoch. */
  scheduledAt: number;
  startedAt: number;
  finishedAt: number;
  manifest: LinkedRecord;
  /** The manifest of the triplets; null where the schedule mines none. */
  triplets: LinkedRecord | null;
  /** The manifest of the index; null where the schedule builds none. */
  index: LinkedRecord | null;
}
