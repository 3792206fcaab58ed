/** The rows of one model call. */
export interface Batch {
  /** The numbers of the rows, the longest row first. */
  rows: Uint32Array;
  /** The number of tokens of the longest row; every row is padded to it. */
  columns: number;
}

export interface BatchingOptions {
  /**
   * The largest number of tokens in a batch, padding included. A row that is longer is a batch of
   * its own.
   */
  tokenBudget: number;
  /**
   * The largest number of padding tokens in a batch. Another call costs as much as this many
   * tokens, beyond its own.
   */
  paddingBudget: number;
}

/**
 * Groups rows of equal or nearly equal length. The longest rows come first, so that sessions that
 * work side by side finish close together. Every row is in exactly one batch, and the same lengths
 * give the same batches.
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
