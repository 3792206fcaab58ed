import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averageRanks, pearson, spearman } from '../../../core/metrics/correlations.js';

const column = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 40 });
const columns = column.chain((left) =>
  fc.tuple(
    fc.constant(left),
    fc.array(fc.integer({ min: -20, max: 20 }), { minLength: left.length, maxLength: left.length }),
  ),
);

describe('correlations', () => {
  test('equal values share the mean of their ranks', () => {
    expect(averageRanks([10, 20, 10, 5, 20, 20])).toEqual([2.5, 5, 2.5, 1, 5, 5]);
    expect(averageRanks([])).toEqual([]);
  });

  test('ranks sum up to those of values without ties', () => {
    fc.assert(
      fc.property(column, (values) => {
        const sum = averageRanks(values).reduce((total, rank) => total + rank, 0);
        expect(sum).toBe((values.length * (values.length + 1)) / 2);
      }),
    );
  });

  test('a case computed by hand', () => {
    expect(pearson([1, 2, 3], [1, 2, 4])).toBeCloseTo(9 / Math.sqrt(84), 12);
    expect(spearman([1, 2, 3], [1, 20, 400])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 3], [3, 3, 1])).toBeCloseTo(-Math.sqrt(3) / 2, 12);
  });

  test('is undefined for a column whose values are all equal, and for a single row', () => {
    expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBeUndefined();
    expect(spearman([1, 2], [7, 7])).toBeUndefined();
    expect(pearson([1], [1])).toBeUndefined();
    expect(pearson([], [])).toBeUndefined();
  });

  test('is between −1 and 1 and symmetric, and Spearman depends on the order only', () => {
    fc.assert(
      fc.property(columns, ([left, right]) => {
        const value = spearman(left, right);
        if (value === undefined) return;
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
        expect(spearman(right, left)).toBeCloseTo(value, 12);
        expect(
          spearman(
            left.map((x) => Math.exp(x)),
            right,
          ),
        ).toBeCloseTo(value, 12);
        expect(
          spearman(
            left.map((x) => -x),
            right,
          ),
        ).toBeCloseTo(-value, 12);
      }),
    );
  });
});
