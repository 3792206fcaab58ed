import { splitRowKey } from '../ids.js';
import type { RowRange } from '../row-ranges.js';
import { rowsWithout, shiftedRows } from '../row-ranges.js';
import { placedSources } from '../row-source.js';
import type { PartFiles } from '../version-parts.js';

/** A run of rows by the key of its first row. */
export interface KeyRun {
  firstKey: bigint;
  chunks: number;
}

/** The rows of a part, as its list says them. */
export interface ListedLive extends Pick<PartFiles, 'live' | 'sources'> {
  shard: number;
  start: number;
}

/**
 * Returns the live rows of a part after some have died. `dead` are the runs of dead rows by shard,
 * as `withoutDead` takes them.
 */
export function liveAfter(
  { shard, start, live, sources }: ListedLive,
  dead: ReadonlyMap<number, readonly KeyRun[]>,
): readonly RowRange[] {
  if (!sources) return dead.has(shard) ? withoutDead(live, dead.get(shard)!) : live;
  const gone = placedSources(start, sources).flatMap(({ shard: of, toFile }) =>
    shiftedRows((dead.get(of) ?? []).map(rowsOfRun), toFile),
  );
  return rowsWithout(live, gone);
}

/**
 * Returns the live rows of a part of one shard after some have died. `dead` are the runs of dead
 * rows of the part's shard in ascending order, which do not overlap.
 */
export function withoutDead(live: readonly RowRange[], dead: readonly KeyRun[]): RowRange[] {
  const left: RowRange[] = [];
  const runs = dead.map(rowsOfRun);
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

function rowsOfRun({ firstKey, chunks }: KeyRun): RowRange {
  const { row } = splitRowKey(firstKey);
  return { start: row, end: row + chunks };
}
