import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shareBatches } from '../../core/batch-shares.js';
import { type Batch, planBatches } from '../../core/batching.js';

const batchesOfRows = fc
  .tuple(fc.array(fc.integer({ min: 2, max: 600 }), { maxLength: 1500 }), fc.integer({ min: 1, max: 8000 }))
  .map(([lengths, tokenBudget]) => planBatches(lengths, { tokenBudget, paddingBudget: 8 }));
const sessions = fc.integer({ min: 1, max: 8 });

function tokensOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { rows, columns }) => sum + rows.length * columns, 0);
}

describe('sharing batches out', () => {
  test('gives every batch once, in order', () => {
    fc.assert(
      fc.property(batchesOfRows, sessions, (batches, count) => {
        expect([...shareBatches(batches, count)].flat()).toEqual(batches);
      }),
    );
  });

  test('gives no empty share, and several batches only up to 4,096 tokens', () => {
    fc.assert(
      fc.property(batchesOfRows, sessions, (batches, count) => {
        for (const share of shareBatches(batches, count)) {
          expect(share.length).toBeGreaterThan(0);
          if (share.length > 1) expect(tokensOf(share)).toBeLessThanOrEqual(4096);
        }
      }),
    );
  });

  test('gives no session more than an eighth of its part of what is left, and single batches at the end', () => {
    fc.assert(
      fc.property(batchesOfRows, sessions, (batches, count) => {
        let left = batches.length;
        for (const share of shareBatches(batches, count)) {
          if (share.length > 1) expect(share.length * 8 * count).toBeLessThanOrEqual(left);
          left -= share.length;
        }
      }),
    );
  });

  test('hands over fewer shares than batches', () => {
    const batches = planBatches(new Array(270).fill(256), { tokenBudget: 512, paddingBudget: 0 });
    expect(batches).toHaveLength(135);
    const shares = [...shareBatches(batches, 2)];
    expect(shares.length).toBeLessThan(60);
    expect(shares.slice(-16).map((share) => share.length)).toEqual(new Array(16).fill(1));
  });
});
