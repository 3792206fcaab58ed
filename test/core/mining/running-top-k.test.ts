import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestRankedFirst, RunningTopK } from '../../../core/mining/running-top-k.js';

describe('the best rows over blocks', () => {
  it('are those of all rows at once, equal scores by chunk id, in whatever order blocks come', () => {
    const rows = fc.uniqueArray(fc.record({ score: fc.integer({ max: 9 }), chunkId: fc.string() }), {
      selector: ({ chunkId }) => chunkId,
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 20 }), (some, k, block) => {
        const best = new RunningTopK(2, k);
        const all = some.map((one, row) => ({ ...one, row }));
        for (let from = 0; from < all.length; from += block) best.merge(1, all.slice(from, from + block));
        const ranked = all.toSorted(bestRankedFirst).slice(0, k);
        expect(best.of(1)).toEqual(ranked);
        expect(best.threshold(1)).toBe(all.length < k ? Number.NEGATIVE_INFINITY : ranked.at(-1)!.score);
        expect(best.of(0)).toEqual([]);
      }),
    );
  });
});
