import { describe, expect, it } from 'vitest';
import { byScore, recallOf } from '../../../core/index/neighbour.js';

const list = (...scores: number[]) =>
  scores.map((score, row) => ({ rowKey: BigInt(row), chunkId: `doc#${row}`, score }));

describe('recall', () => {
  it('is the share of places filled by rows as near as the last true neighbour', () => {
    expect(recallOf(list(0.9, 0.8, 0.5), list(0.9, 0.8, 0.7))).toBeCloseTo(2 / 3);
    expect(recallOf(list(0.9), list(0.9, 0.8))).toBe(0.5);
    expect(recallOf([], [])).toBe(1);
  });

  it('counts another row of the same score alike', () => {
    expect(recallOf(list(0.9, 0.5).slice(1), list(0.5))).toBe(1);
  });

  it('works with distances, whose scores are negative', () => {
    expect(recallOf(list(-1, -2, -9), list(-1, -2, -3))).toBeCloseTo(2 / 3);
  });
});

describe('order', () => {
  it('is by score, and by chunk id among equals', () => {
    const rows = [
      { rowKey: 2n ** 40n, chunkId: 'a#0', score: 1 },
      { rowKey: 3n, chunkId: 'b#0', score: 1 },
      { rowKey: 1n, chunkId: 'c#0', score: 2 },
    ];
    expect([...rows].sort(byScore).map(({ rowKey }) => rowKey)).toEqual([1n, 2n ** 40n, 3n]);
  });
});
