import type { Batch } from './batching.js';

/** The largest number of tokens, padding included, in a share of several batches. */
const SHARE_TOKENS = 4096;
/**
 * The number of shares into which the remaining batches are divided for each session. The more
 * there are, the closer together the sessions finish.
 */
const SHARES_PER_SESSION = 8;

/**
 * Yields the batches in order, in shares. A session is given one share at once, because handing
 * over each batch by itself costs some 0.1 ms and wakes two threads. Shares become smaller towards
 * the end, down to one batch, so that the sessions finish close together (guided self-scheduling:
 * Polychronopoulos and Kuck, 1987).
 */
export function* shareBatches(batches: readonly Batch[], sessions: number): Generator<Batch[]> {
  for (let start = 0; start < batches.length; ) {
    const most = Math.max(1, Math.floor((batches.length - start) / (SHARES_PER_SESSION * sessions)));
    let tokens = tokensOf(batches[start]!);
    let end = start + 1;
    while (end < batches.length && end - start < most) {
      tokens += tokensOf(batches[end]!);
      if (tokens > SHARE_TOKENS) break;
      end += 1;
    }
    yield batches.slice(start, end);
    start = end;
  }
}

function tokensOf({ rows, columns }: Batch): number {
  return rows.length * columns;
}
