import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutDead } from '../../../core/carry/live-ranges.js';
import { rowKey } from '../../../core/ids.js';
import type { RowRange } from '../../../core/row-ranges.js';

/** Returns ascending ranges that neither overlap nor touch, between sorted borders. */
const anyRanges = fc
  .uniqueArray(fc.nat({ max: 40 }), { maxLength: 10 })
  .map((borders) => borders.sort((a, b) => a - b))
  .map((borders) =>
    Array.from(
      { length: borders.length >> 1 },
      (_, at): RowRange => ({
        start: borders[2 * at]!,
        end: borders[2 * at + 1]!,
      }),
    ),
  );

const rowsOf = (ranges: readonly RowRange[]) =>
  ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, row) => start + row));

test('the rows that are left are those that lived and did not die', () => {
  fc.assert(
    fc.property(anyRanges, anyRanges, (live, dead) => {
      const runs = dead.map(({ start, end }) => ({ firstKey: rowKey(3, start), chunks: end - start }));
      const left = withoutDead(live, runs);
      const gone = new Set(rowsOf(dead));
      expect(rowsOf(left)).toEqual(rowsOf(live).filter((row) => !gone.has(row)));
      for (const [place, { start, end }] of left.entries()) {
        expect(end).toBeGreaterThan(start);
        if (place > 0) expect(start).toBeGreaterThan(left[place - 1]!.end);
      }
    }),
  );
});
