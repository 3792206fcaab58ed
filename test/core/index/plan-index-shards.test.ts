import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planIndexShards } from '../../../core/index/plan-index-shards.js';
import { testVectorPart } from '../../support/test-commit.js';

const files = (sizes: readonly number[]) =>
  sizes.map((size, shard) => testVectorPart(shard, 0, Math.max(size, 0)));

describe('the shards of an index', () => {
  it('hold every file with rows once and in order, and no more rows than asked unless one file has more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 })),
        fc.integer({ min: 1, max: 80 }),
        (sizes, rows) => {
          const all = files(sizes);
          const shards = planIndexShards(all, rows);
          expect(shards.flatMap((shard) => shard.files)).toEqual(all);
          for (const shard of shards) {
            expect(shard.rows).toBe(shard.files.reduce((sum, { start, end }) => sum + end - start, 0));
            expect(shard.rows <= rows || shard.files.length === 1).toBe(true);
          }
        },
      ),
    );
  });

  it('stay the same but for the last when files are appended', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        fc.array(fc.integer({ min: 1, max: 50 })),
        (first, more) => {
          const before = planIndexShards(files(first), 60);
          const after = planIndexShards(files([...first, ...more]), 60);
          expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
        },
      ),
    );
  });

  it('leave out files without rows', () => {
    const empty = { ...testVectorPart(0, 0, 1), end: 0 };
    expect(planIndexShards([empty], 10)).toEqual([]);
  });
});
