import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planBatches } from '../../core/batching.js';

const lengthsOfRows = fc.array(fc.integer({ min: 2, max: 600 }), { maxLength: 400 });
const limits = fc.record({
  tokenBudget: fc.integer({ min: 1, max: 2000 }),
  paddingBudget: fc.integer({ min: 0, max: 50 }),
});

/**
 * Lengths like those of chunks of prose: many near the limit, and some short ones. They are always
 * the same.
 */
function proseLengths(count: number): number[] {
  let state = 12345;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return Array.from({ length: count }, () =>
    next() < 0.4 ? 200 + Math.floor(next() * 57) : 5 + Math.floor(next() * 200),
  );
}

function padding(lengths: readonly number[], batches: ReturnType<typeof planBatches>) {
  const computed = batches.reduce((sum, { rows, columns }) => sum + rows.length * columns, 0);
  return computed - lengths.reduce((sum, length) => sum + length, 0);
}

describe('planning batches', () => {
  test('puts every row into exactly one batch', () => {
    fc.assert(
      fc.property(lengthsOfRows, limits, (lengths, options) => {
        const rows = planBatches(lengths, options).flatMap((batch) => [...batch.rows]);
        expect(rows.sort((a, b) => a - b)).toEqual(lengths.map((_, row) => row));
      }),
    );
  });

  test('makes every batch as wide as its longest row', () => {
    fc.assert(
      fc.property(lengthsOfRows, limits, (lengths, options) => {
        for (const { rows, columns } of planBatches(lengths, options))
          expect(columns).toBe(Math.max(...[...rows].map((row) => lengths[row]!)));
      }),
    );
  });

  test('keeps the token budget with padding counted, and gives a larger row a batch of its own', () => {
    fc.assert(
      fc.property(lengthsOfRows, limits, (lengths, options) => {
        for (const { rows, columns } of planBatches(lengths, options))
          if (rows.length > 1) expect(rows.length * columns).toBeLessThanOrEqual(options.tokenBudget);
      }),
    );
  });

  test('keeps the padding budget of every batch', () => {
    fc.assert(
      fc.property(lengthsOfRows, limits, (lengths, options) => {
        for (const batch of planBatches(lengths, options)) {
          const own = [...batch.rows].map((row) => lengths[row]!);
          expect(padding(own, [batch])).toBeLessThanOrEqual(options.paddingBudget);
        }
      }),
    );
  });

  test('fills a batch of equal rows up to the budget', () => {
    const batches = planBatches(new Array(40).fill(100), { tokenBudget: 1000, paddingBudget: 0 });
    expect(batches.map((batch) => batch.rows.length)).toEqual([10, 10, 10, 10]);
  });

  test('starts with the longest rows, so that the last batches are short', () => {
    const columns = planBatches(proseLengths(2000), { tokenBudget: 1024, paddingBudget: 8 }).map(
      (batch) => batch.columns,
    );
    expect(columns).toEqual([...columns].sort((a, b) => b - a));
  });

  test('pads less than one token in a hundred on lengths like those of prose', () => {
    const lengths = proseLengths(2048);
    const batches = planBatches(lengths, { tokenBudget: 1024, paddingBudget: 8 });
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    expect(padding(lengths, batches) / tokens).toBeLessThan(0.01);
    expect(tokens / batches.length).toBeGreaterThan(700);
  });
});
