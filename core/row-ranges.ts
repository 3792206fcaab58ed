/** Rows `[start, end)` of a shard, or of a part's files. */
export interface RowRange {
  start: number;
  end: number;
}

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

/** Rows that are elsewhere rows with numbers that are greater by `by`, which may be negative. */
export interface Stretch extends RowRange {
  by: number;
}

/**
 * Returns the rows of some ranges that are in one of the stretches, by the numbers that they have
 * elsewhere. Ranges and stretches are as in `commonRows`. Ranges of the result do not touch.
 */
export function shiftedRows(ranges: readonly RowRange[], stretches: readonly Stretch[]): RowRange[] {
  const shifted: RowRange[] = [];
  let at = 0;
  for (const range of ranges) {
    while (at < stretches.length && stretches[at]!.end <= range.start) at += 1;
    for (let other = at; other < stretches.length && stretches[other]!.start < range.end; other += 1) {
      const stretch = stretches[other]!;
      const start = Math.max(range.start, stretch.start) + stretch.by;
      const end = Math.min(range.end, stretch.end) + stretch.by;
      const last = shifted.at(-1);
      if (last?.end === start) last.end = end;
      else shifted.push({ start, end });
    }
  }
  return shifted;
}

/** Puts ranges in ascending order, and joins those that touch. They may not overlap. */
export function ascendingRanges(ranges: readonly RowRange[]): RowRange[] {
  const ascending: RowRange[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = ascending.at(-1);
    if (last?.end === start) last.end = end;
    else ascending.push({ start, end });
  }
  return ascending;
}
