/** A named pointer to a version. */
export interface RefRecord {
  formatVersion: 1;
  version: string;
  /** What the ref named before, or null for the first. */
  previous: string | null;
  fingerprint: string;
  /** ms since the epoch. */
  movedAt: number;
}
