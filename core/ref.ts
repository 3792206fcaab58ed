/** A named pointer to a version. */
export interface RefRecord {
  formatVersion: 1;
  version: string;
  /** The version that the ref named before, or null for a ref that is new. */
  previous: string | null;
  fingerprint: string;
  /** The time at which the ref was moved, in ms since the epoch. */
  movedAt: number;
}
