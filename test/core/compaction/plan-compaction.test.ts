import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PartFill, planCompaction } from '../../../core/compaction/plan-compaction.js';

const anyParts = fc.array(
  fc.record({ fill: fc.double({ min: 0.0001, max: 1.2, noNaN: true }), moves: fc.nat(4) }),
  { maxLength: 300, size: 'max' },
);

const fillIn = (parts: readonly PartFill[]) => parts.reduce((sum, { fill }) => sum + fill, 0);

describe('a plan of compaction', () => {
  it('names groups of neighbours in ascending order, each of which makes fewer parts', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        let before = 0;
        for (const { from, to } of planCompaction(parts)) {
          expect(from).toBeGreaterThanOrEqual(before);
          expect(to).toBeLessThanOrEqual(parts.length);
          expect(Math.ceil(fillIn(parts.slice(from, to)))).toBeLessThan(to - from);
          before = to;
        }
      }),
    );
  });

  it('joins nothing of a version whose parts are full, or few', () => {
    const whole = Array.from({ length: 1000 }, () => ({ fill: 1, moves: 0 }));
    const few = Array.from({ length: 16 }, () => ({ fill: 0.01, moves: 0 }));
    expect(planCompaction([...whole, ...few])).toEqual([]);
    expect(planCompaction([])).toEqual([]);
  });

  it('joins parts that were moved as often, and leaves those alone that were moved more', () => {
    const moved = Array.from({ length: 6 }, () => ({ fill: 0.05, moves: 1 }));
    const fresh = Array.from({ length: 12 }, () => ({ fill: 0.01, moves: 0 }));
    expect(planCompaction([...moved, ...fresh])).toEqual([{ from: 6, to: 18 }]);
  });

  it('joins those of which little lives, once there are too many, and no full ones', () => {
    const parts = Array.from({ length: 100 }, (_, place) => ({ fill: place < 90 ? 0.4 : 1, moves: 0 }));
    const groups = planCompaction(parts);
    const saved = groups.reduce(
      (sum, { from, to }) => sum + to - from - Math.ceil(fillIn(parts.slice(from, to))),
      0,
    );
    expect(100 - saved).toBeLessThanOrEqual(1.37 * fillIn(parts) + 3);
    expect(groups.every(({ to }) => to <= 90)).toBe(true);
  });

  it('joins a small part with a full neighbour where nothing else helps', () => {
    const parts = Array.from({ length: 200 }, (_, place) => ({ fill: place % 2 ? 0.8 : 0.1, moves: 1 }));
    const groups = planCompaction(parts);
    expect(groups.length).toBeGreaterThan(20);
  });
});
