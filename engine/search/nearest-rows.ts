import type { ScoredRow } from '../../core/top-k.js';

export interface NearestOptions {
  /** The number of rows that are to be found. */
  k: number;
  /** `[rows]`: 1 for rows that may be found. Without it, all rows may be found. */
  allowed?: Uint8Array | undefined;
  /** Further rows whose score is wanted, however far they are. All of them must be allowed. */
  also?: ReadonlySet<number> | undefined;
  /** Is called with the number of rows that were compared so far. */
  onRows?: ((done: number) => void) | undefined;
}

/** The rows that were found. A row is a chunk's number in the version, from 0, in row-key order. */
export interface NearestRows {
  /**
   * Best first, and of equal scores the lower chunk id first. There are fewer than `k` rows only
   * where no more may be found.
   */
  nearest: readonly ScoredRow[];
  /** The scores of the rows in `also`, by row. */
  scores: ReadonlyMap<number, number>;
}
