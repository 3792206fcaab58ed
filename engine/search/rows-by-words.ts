import { type ScoredRow, TopK } from '../../core/top-k.js';

/**
 * Returns the `k` best of the rows that hold any word of the query. `scores` and `allowed` are
 * `[rows]`; `allowed` has 1 for rows that may be found.
 */
export function rowsByWords(scores: Float64Array, k: number, allowed?: Uint8Array): ScoredRow[] {
  const best = new TopK(k);
  for (const [row, score] of scores.entries()) if (score > 0 && allowed?.[row] !== 0) best.offer(score, row);
  return best.sorted();
}
