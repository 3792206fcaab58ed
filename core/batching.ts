/** Rows of one model call. */
export interface Batch {
  /** Numbers of the rows, longest first. */
  rows: Uint32Array;
  /** Tokens of the longest row; every row is padded to it. */
  columns: number;
}

export interface BatchingOptions {
  /** Tokens of a batch, padding included. A longer row is a batch of its own. */
  tokenBudget: number;
  /**
   * Padding tokens of a batch at most: what another call costs beyond its tokens, counted in
   * tokens.
   */
  paddingBudget: number;
}

/**
 * Groups rows of equal or nearly equal length. Longest rows first, so that sessions working side by
 * side finish close together. Every row is in exactly one batch, and the same lengths give the same
 * batches.
 * @param lengths tokens of each row, special tokens included
 */
export function planBatches(lengths: ArrayLike<number>, options: BatchingOptions): Batch[] {
  const order = Uint32Array.from({ length: lengths.length }, (_, row) => row);
  order.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: Batch[] = [];
  for (let start = 0; start < order.length; ) {
    const columns = lengths[order[start]!]!;
    let padding = 0;
    let end = start + 1;
    while (end < order.length && (end - start + 1) * columns <= options.tokenBudget) {
      padding += columns - lengths[order[end]!]!;
      if (padding > options.paddingBudget) break;
      end += 1;
    }
    batches.push({ rows: order.slice(start, end), columns });
    start = end;
  }
  return batches;
}
