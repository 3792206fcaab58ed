import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RowRange } from '../../core/row-ranges.js';
import { ascendingRanges, commonRows, rowsWithout } from '../../core/row-ranges.js';

/** Ranges that ascend and do not overlap; some touch. */
const ranges = fc.uniqueArray(fc.nat(40), { maxLength: 16 }).map((borders) => {
  const ascending = borders.sort((a, b) => a - b);
  const found: RowRange[] = [];
  for (let at = 0; at + 1 < ascending.length; at += 1)
    if (at % 3 !== 2) found.push({ start: ascending[at]!, end: ascending[at + 1]! });
  return found;
});

const rowsOf = (list: readonly RowRange[]) =>
  list.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, row) => start + row));

it('the common rows of ranges, and those without others, are those of the sets, in ascending ranges', () => {
  fc.assert(
    fc.property(ranges, ranges, (left, right) => {
      const others = new Set(rowsOf(right));
      expect(rowsOf(commonRows(left, right))).toEqual(rowsOf(left).filter((row) => others.has(row)));
      expect(rowsOf(rowsWithout(left, right))).toEqual(rowsOf(left).filter((row) => !others.has(row)));
      expect(commonRows(left, right).every(({ start, end }) => start < end)).toBe(true);
      const ascending = ascendingRanges([...left].reverse());
      expect(rowsOf(ascending)).toEqual(rowsOf(left));
      for (const [place, { start }] of ascending.entries())
        if (place > 0) expect(start).toBeGreaterThan(ascending[place - 1]!.end);
    }),
  );
});
