/** A record of another step, with the hash that it had at the time. */
export interface LinkedRecord {
  /** The key relative to the output root. */
  key: string;
  /** sha256, hex, of the record's bytes. */
  sha256: string;
}

/**
 * The content of `lineage.json` of a nightly version. It is create-once and written when every step
 * has succeeded.
 */
export interface Lineage {
  formatVersion: 1;
  dataset: string;
  version: string;
  /** The version that the ref named when the night began. */
  parent: string | null;
  fingerprint: string;
  schedule: string;
  /** All times are in ms since the epoch. */
  scheduledAt: number;
  startedAt: number;
  finishedAt: number;
  manifest: LinkedRecord;
  /** The manifest of the triplets. Null where the schedule mines none. */
  triplets: LinkedRecord | null;
  /** The manifest of the index. Null where the schedule builds none. */
  index: LinkedRecord | null;
}
