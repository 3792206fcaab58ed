import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowAdder } from '../../../../engine/model/static/row-adder.js';
import { newRows, sumRows, tableOf } from '../../../../engine/model/static/row-table.js';

/** Adds rows in a plain loop, in float64 and in order. */
function sumsOf(
  matrix: Float32Array,
  columns: number,
  dimensions: number,
  rows: readonly number[],
  weights?: readonly number[],
): number[] {
  const sums: number[] = Array(dimensions).fill(0);
  for (const [index, row] of rows.entries())
    for (let column = 0; column < dimensions; column += 1)
      sums[column]! += (weights?.[index] ?? 1) * matrix[row * columns + column]!;
  return sums;
}

describe('sums of rows', () => {
  it('are those of a plain loop, to the bit, with weights and without', () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
    const scene = fc.record({
      columns: fc.integer({ min: 1, max: 40 }),
      values: fc.array(number, { minLength: 40 * 9, maxLength: 40 * 9 }),
      tokens: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
      weights: fc.array(fc.double({ noNaN: true, min: -2, max: 2 }), { minLength: 6, maxLength: 6 }),
      cut: fc.integer({ min: 0, max: 39 }),
    });
    fc.assert(
      fc.property(scene, ({ columns, values, tokens, weights, cut }) => {
        const matrix = Float32Array.from(values.slice(0, columns * 9));
        const dimensions = Math.max(1, columns - cut);
        const rowOfToken = Uint32Array.of(8, 3, 0, 7, 3, 1);
        const plain = tableOf('model', matrix, columns, dimensions);
        const own = Uint32Array.from(tokens);
        expect([...sumRows(plain, own).subarray(0, dimensions)]).toEqual(
          sumsOf(matrix, columns, dimensions, tokens),
        );
        const weighted = { ...plain, rowOfToken, weights: Float64Array.from(weights) };
        expect([...sumRows(weighted, own).subarray(0, dimensions)]).toEqual(
          sumsOf(
            matrix,
            columns,
            dimensions,
            tokens.map((token) => rowOfToken[token]!),
            tokens.map((token) => weights[token]!),
          ),
        );
      }),
    );
  });

  it('include all rows of a long text, and of that text alone', () => {
    const matrix = Float32Array.from({ length: 10 * 20 }, (_, at) => Math.fround(Math.sin(at)));
    const table = tableOf('model', matrix, 20, 20);
    const tokens = Uint32Array.from({ length: 10_000 }, (_, index) => (index * 7) % 10);
    const sums = () => [...sumRows(table, tokens).subarray(0, 20)];
    expect(sums()).toEqual(sumsOf(matrix, 20, 20, [...tokens]));
    expect(sums()).toEqual(sumsOf(matrix, 20, 20, [...tokens]));
    expect([...sumRows(table, new Uint32Array())]).toEqual(Array(table.rows.stride).fill(0));
  });

  it('of a table beyond 4 GiB are refused with the file, before memory is allocated', () => {
    expect(RowAdder.of(4_000_000, 300)).toBeUndefined();
    expect(() => newRows('huge.txt', 4_000_000, 300)).toThrow(
      expect.objectContaining({ code: 'MODEL_INVALID', message: expect.stringContaining('more than 4 GiB') }),
    );
  });
});
