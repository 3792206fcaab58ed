/** Says which finished versions of a dataset are kept. Times are in ms. */
export interface RetentionPolicy {
  /** The number of newest finished versions that are kept, whatever their age. */
  keep: number;
  /** A version is kept until it has been finished for so long. */
  ageMs: number;
  /** The number of moves of each ref, the present one included, whose versions are kept. */
  history: number;
  /** The time between the announcement that a version is deleted and its deletion. */
  graceMs: number;
  /**
   * A version that is not finished is deleted once it was begun so long ago. Where it is absent, it
   * is deleted only by name.
   */
  unfinishedAfterMs?: number | undefined;
}

/** The policy of a command that says nothing else. */
export const DEFAULT_RETENTION: RetentionPolicy = {
  keep: 3,
  ageMs: 7 * 86_400_000,
  history: 5,
  graceMs: 3_600_000,
};
