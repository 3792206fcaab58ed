import type { ScoredRow } from '../../core/top-k.js';

export interface NearestOptions {
  /** Rows to find. */
  k: number;
  /** `[rows]`: 1 for rows that may be found; without it, all may. */
  allowed?: Uint8Array | undefined;
  /** Rows whose score is wanted, too, however far they are. All of them may be found. */
  also?: ReadonlySet<number> | undefined;
  /** Rows compared so far. */
  onRows?: ((done: number) => void) | undefined;
}

/** A row is a chunk's number in the version, from 0, in row-key order. */
export interface NearestRows {
  /** Best first, ties by the lower row; fewer than asked for only where there are no more. */
  nearest: readonly ScoredRow[];
  /** Scores of the rows in `also`, by row. */
  scores: ReadonlyMap<number, number>;
}
