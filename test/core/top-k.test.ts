import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopK } from '../../core/top-k.js';

describe('TopK', () => {
  it('keeps what a sort would put first, ties by the lower row, in whatever order rows come', () => {
    const scores = fc.array(fc.constantFrom(-1, -0.5, 0, 0.25, 0.5, 1), { maxLength: 60 });
    const order = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 12 }), order, (values, k, numbers) => {
        const rows = values.map((score, row) => ({ score, row }));
        const best = new TopK(k);
        const shuffled = rows
          .map((entry) => ({ entry, at: numbers.next().value as number }))
          .sort((a, b) => a.at - b.at);
        for (const { entry } of shuffled) best.offer(entry.score, entry.row);
        const sorted = [...rows].sort((a, b) => b.score - a.score || a.row - b.row);
        expect(best.sorted()).toEqual(sorted.slice(0, k));
      }),
    );
  });

  it('has a threshold below which nothing enters, once it is full', () => {
    const best = new TopK(2);
    best.offer(0.5, 0);
    expect(best.threshold).toBe(Number.NEGATIVE_INFINITY);
    best.offer(0.9, 1);
    expect(best.threshold).toBe(0.5);
    best.offer(0.4, 2);
    expect(best.sorted().map(({ row }) => row)).toEqual([1, 0]);
    best.offer(0.7, 3);
    expect(best.threshold).toBe(0.7);
  });

  it('keeps nothing for k = 0', () => {
    const best = new TopK(0);
    best.offer(1, 0);
    expect(best.sorted()).toEqual([]);
  });
});
