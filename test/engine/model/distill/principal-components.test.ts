import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { principalComponents } from '../../../../engine/model/distill/principal-components.js';
import { zipfWeights } from '../../../../engine/model/distill/zipf-weights.js';

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, index) => sum + value * b[index]!, 0);
}

function rowsOf(values: Float32Array, columns: number): Float32Array[] {
  return Array.from({ length: values.length / columns }, (_, row) =>
    values.subarray(row * columns, (row + 1) * columns),
  );
}

const matrix = fc
  .array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 }), {
    minLength: 2,
    maxLength: 30,
  })
  .map((rows) => Float32Array.from(rows.flat()));

describe('principal components', () => {
  it('lie along the direction in which rows vary most, with a positive largest entry', async () => {
    const rows = Float32Array.from([3, -1, 6, -2, 9, -3, 12, -4]);
    const [first, ...others] = await principalComponents(rows, 2, 1);
    const step = Math.sqrt(10);
    expect(first).toBeCloseTo(-1.5 * step, 4);
    for (const [index, value] of others.entries()) expect(value).toBeCloseTo((index - 0.5) * step, 4);
  });

  it('keep the distances between rows if all components are kept', async () => {
    await fc.assert(
      fc.asyncProperty(matrix, async (values) => {
        const reduced = rowsOf(await principalComponents(values, 4, 4), 4);
        const rows = rowsOf(values, 4);
        const distance = (a: Float32Array, b: Float32Array) =>
          Math.hypot(...a.map((value, i) => value - b[i]!));
        for (let row = 1; row < rows.length; row++)
          expect(distance(reduced[row]!, reduced[0]!)).toBeCloseTo(distance(rows[row]!, rows[0]!), 3);
      }),
    );
  });

  it('vary independently of each other, and each less than the one before', async () => {
    await fc.assert(
      fc.asyncProperty(matrix, async (values) => {
        const rows = rowsOf(await principalComponents(values, 4, 3), 3);
        const columns = [0, 1, 2].map((column) => rows.map((row) => row[column]!));
        const variances = columns.map((column) => dot(column, column));
        expect(variances[0]! + 1e-3).toBeGreaterThanOrEqual(variances[1]!);
        expect(variances[1]! + 1e-3).toBeGreaterThanOrEqual(variances[2]!);
        expect(dot(columns[0]!, columns[1]!)).toBeCloseTo(0, 2);
      }),
    );
  });

  it('report all rows at the end', async () => {
    const reports: number[] = [];
    const values = Float32Array.from({ length: 2 * 1500 }, (_, index) => Math.sin(index));
    await principalComponents(values, 2, 1, (rows) => reports.push(rows));
    expect(reports.at(-1)).toBe(1500);
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
    expect(reports.length).toBeGreaterThan(4);
  });
});

describe('the weights of tokens by rank', () => {
  it('are those that model2vec computes', () => {
    // model2vec 0.10.0: compute_weights(5, sif_coefficient=1e-4)
    const expected = [0.00028992, 0.00043481, 0.00057966, 0.00072447, 0.00086924];
    for (const [rank, weight] of zipfWeights(5).entries()) expect(weight).toBeCloseTo(expected[rank]!, 8);
  });
});
