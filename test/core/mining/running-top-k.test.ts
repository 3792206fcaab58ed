import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningTopK } from '../../../core/mining/running-top-k.js';

describe('the best rows over blocks', () => {
  it('are those of all rows at once, equal scores in the order of the rows', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        scores,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 20 }),
        (all, k, block) => {
          const best = new RunningTopK(2, k);
          const ranked = all
            .map((score, row) => ({ row, score }))
            .sort((a, b) => b.score - a.score || a.row - b.row);
          for (let from = 0; from < all.length; from += block) {
            const own = ranked.filter(({ row }) => row >= from && row < from + block).slice(0, k);
            const found = {
              scores: Float32Array.from([0, ...own.map(({ score }) => score)]),
              rows: [0, ...own.map(({ row }) => row)],
            };
            best.merge(1, found, 1, own.length);
          }
          expect(best.of(1)).toEqual(ranked.slice(0, k));
          expect(best.of(0)).toEqual([]);
        },
      ),
    );
  });
});
