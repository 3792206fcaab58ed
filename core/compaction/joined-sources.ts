import type { RowRange } from '../row-ranges.js';
import { shiftedRows } from '../row-ranges.js';
import { type RowSource, type RowsOfPart, sourcesOf } from '../row-source.js';

/** Rows of a part that are moved, by their numbers in its files. */
export interface MovedRows {
  part: RowsOfPart;
  ranges: readonly RowRange[];
}

/**
 * Returns the sources of a joined part that is made of these rows, in the order of row keys. Rows
 * that were moved before keep the source that they have.
 */
export function joinedSources(moved: readonly MovedRows[]): readonly RowSource[] {
  const sources: { -readonly [Key in keyof RowSource]: RowSource[Key] }[] = [];
  for (const { part, ranges } of moved)
    for (const { toFile: _, toShard, ...source } of sourcesOf(part)) {
      const kept = shiftedRows(ranges, toShard);
      if (kept.length === 0) continue;
      const last = sources.at(-1);
      // Rows of one source may come out of two joined parts.
      if (last?.shard === source.shard && last.start === source.start) last.kept = followed(last.kept, kept);
      else sources.push({ ...source, kept });
    }
  return sources;
}

/** Returns the ranges of two lists, of which the second one follows the first. */
function followed(left: readonly RowRange[], right: readonly RowRange[]): RowRange[] {
  const last = left.at(-1)!;
  const first = right[0]!;
  if (last.end !== first.start) return [...left, ...right];
  return [...left.slice(0, -1), { start: last.start, end: first.end }, ...right.slice(1)];
}
