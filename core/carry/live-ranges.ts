import { splitRowKey } from '../ids.js';
import type { RowRange } from '../version-parts.js';

/** A run of rows by the key of its first row. */
export interface KeyRun {
  firstKey: bigint;
  chunks: number;
}

/**
 * Returns the live rows of a part after some have died. `dead` are the runs of dead rows of the
 * part's shard in ascending order, which do not overlap.
 */
export function withoutDead(live: readonly RowRange[], dead: readonly KeyRun[]): RowRange[] {
  const left: RowRange[] = [];
  const runs = dead.map(({ firstKey, chunks }) => {
    const { row } = splitRowKey(firstKey);
    return { start: row, end: row + chunks };
  });
  let next = 0;
  for (const range of live) {
    let { start } = range;
    while (next < runs.length && runs[next]!.end <= start) next += 1;
    // A run may reach beyond this range into the next one, so that it is looked at again.
    for (let at = next; at < runs.length && runs[at]!.start < range.end; at += 1) {
      if (runs[at]!.start > start) left.push({ start, end: runs[at]!.start });
      start = Math.max(start, runs[at]!.end);
    }
    if (start < range.end) left.push({ start, end: range.end });
  }
  return left;
}
