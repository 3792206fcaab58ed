import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byScore, recallOf, spreadRows } from '../../../core/index/neighbour.js';

const list = (...scores: number[]) => scores.map((score, row) => ({ rowKey: BigInt(row), score }));

describe('recall', () => {
  it('is the share of places filled by rows as near as the last true neighbour', () => {
    expect(recallOf(list(0.9, 0.8, 0.5), list(0.9, 0.8, 0.7))).toBeCloseTo(2 / 3);
    expect(recallOf(list(0.9), list(0.9, 0.8))).toBe(0.5);
    expect(recallOf([], [])).toBe(1);
  });

  it('counts another row of the same score alike', () => {
    const truth = [{ rowKey: 7n, score: 0.5 }];
    expect(recallOf([{ rowKey: 8n, score: 0.5 }], truth)).toBe(1);
  });

  it('works with distances, whose scores are negative', () => {
    expect(recallOf(list(-1, -2, -9), list(-1, -2, -3))).toBeCloseTo(2 / 3);
  });
});

describe('order', () => {
  it('is by score, and by row key among equals', () => {
    const rows = [
      { rowKey: 2n ** 40n, score: 1 },
      { rowKey: 3n, score: 1 },
      { rowKey: 1n, score: 2 },
    ];
    expect([...rows].sort(byScore).map(({ rowKey }) => rowKey)).toEqual([1n, 3n, 2n ** 40n]);
  });
});

describe('spread rows', () => {
  it('are different, in order and within the rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 500 }), (rows, count) => {
        const chosen = spreadRows(rows, count);
        expect(chosen).toHaveLength(Math.min(rows, count));
        expect(chosen.every((row, index) => row >= 0 && row < rows && row > (chosen[index - 1] ?? -1))).toBe(
          true,
        );
      }),
    );
  });
});
