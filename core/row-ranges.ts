import type { RowRange } from './version-parts.js';

/**
 * Returns the rows that are in both lists of ranges. In both, ranges ascend and do not overlap, and
 * so they do in the result.
 */
export function commonRows(left: readonly RowRange[], right: readonly RowRange[]): RowRange[] {
  const common: RowRange[] = [];
  let at = 0;
  for (const range of left) {
    while (at < right.length && right[at]!.end <= range.start) at += 1;
    // The last range that is looked at may reach into the next one, so that it is looked at again.
    for (let other = at; other < right.length && right[other]!.start < range.end; other += 1)
      common.push({
        start: Math.max(range.start, right[other]!.start),
        end: Math.min(range.end, right[other]!.end),
      });
  }
  return common;
}

/** Returns the rows of some ranges that are not in `others`. The ranges are as in `commonRows`. */
export function rowsWithout(ranges: readonly RowRange[], others: readonly RowRange[]): RowRange[] {
  const gaps: RowRange[] = [];
  let start = 0;
  for (const other of others) {
    if (other.start > start) gaps.push({ start, end: other.start });
    start = other.end;
  }
  gaps.push({ start, end: Number.POSITIVE_INFINITY });
  return commonRows(ranges, gaps);
}

/** Puts ranges in ascending order. They may not overlap. */
export function ascendingRanges(ranges: readonly RowRange[]): RowRange[] {
  return [...ranges].sort((a, b) => a.start - b.start);
}
