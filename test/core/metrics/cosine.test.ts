import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dotAt, unitRows } from '../../../core/metrics/cosine.js';

const rows = fc.integer({ min: 1, max: 9 }).chain((dimensions) =>
  fc.tuple(
    fc.constant(dimensions),
    fc
      .array(fc.float({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true }), {
        minLength: 3 * dimensions,
        maxLength: 3 * dimensions,
      })
      .map((values) => Float32Array.from(values, (value) => Math.round(value))),
  ),
);

describe('rows of vectors', () => {
  test('are scaled to length 1, except for rows of zeros, and keep their direction', () => {
    expect([...unitRows(Float32Array.of(3, 4, 0, 0, -2, 0), 2)].map((value) => value.toFixed(6))).toEqual([
      '0.600000',
      '0.800000',
      '0.000000',
      '0.000000',
      '-1.000000',
      '0.000000',
    ]);
  });

  test('multiply by row, whatever the number of columns', () => {
    fc.assert(
      fc.property(rows, ([dimensions, values]) => {
        const [first, last] = [values.subarray(0, dimensions), values.subarray(2 * dimensions)];
        const expected = first.reduce((sum, value, index) => sum + value * last[index]!, 0);
        expect(dotAt(values, 0, values, 2 * dimensions, dimensions)).toBeCloseTo(expected, 6);
      }),
    );
  });
});
