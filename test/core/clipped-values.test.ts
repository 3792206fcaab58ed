import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../core/canonical-json.js';
import { addClipped, clippedIn, parseClippedValues } from '../../core/clipped-values.js';
import { decodeVectors, encodeVectors } from '../../core/vector-encoding.js';

const DIMENSIONS = 3;
const ranges = { min: [-1, 0, 0.5], max: [1, 0, 2] };
const anyRow = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), {
  minLength: DIMENSIONS,
  maxLength: DIMENSIONS,
});

test('counts each value outside its range, and each row that has one, unless the row is known', () => {
  fc.assert(
    fc.property(fc.array(anyRow), fc.array(fc.boolean()), (rows, known) => {
      const outside = rows.map((row, place) =>
        known[place]
          ? 0
          : row.filter((value, at) => value < ranges.min[at]! || value > ranges.max[at]!).length,
      );
      const values = outside.reduce((sum, count) => sum + count, 0);
      const clipped = clippedIn(Float32Array.from(rows.flat()), ranges, (row) => known[row] ?? false);
      if (values === 0) expect(clipped).toBeUndefined();
      else {
        expect(clipped).toEqual({ values, rows: outside.filter((count) => count > 0).length });
        expect(parseClippedValues(canonicalJson(clipped))).toEqual(clipped);
      }
    }),
  );
});

test('a value outside its range is stored as the nearest end of it', () => {
  const vectors = Float32Array.from([-2, 0, 3, 2, 0, 0]);
  const encoding = { precision: 'int8', ranges } as const;
  const stored = decodeVectors(encodeVectors(vectors, DIMENSIONS, encoding), DIMENSIONS, encoding);
  expect([...stored]).toEqual([-1, 0, 2, 1, 0, 0.5].map((value) => expect.closeTo(value, 5)));
  expect(clippedIn(vectors, ranges, () => false)).toEqual({ values: 4, rows: 2 });
});

test('counts add up, and nothing stands for none', () => {
  expect(addClipped(undefined, undefined)).toBeUndefined();
  expect(addClipped({ values: 3, rows: 2 }, undefined)).toEqual({ values: 3, rows: 2 });
  expect(addClipped({ values: 3, rows: 2 }, { values: 1, rows: 1 })).toEqual({ values: 4, rows: 3 });
});

test.each(['', 'null', '{}', '{"values":1}', '{"values":1,"rows":2}', '{"values":-1,"rows":-1}'])(
  'what are no counts is not taken for some: %s',
  (text) => {
    expect(parseClippedValues(text)).toBeUndefined();
  },
);
