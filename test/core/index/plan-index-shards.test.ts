import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planIndexShards } from '../../../core/index/plan-index-shards.js';
import { VersionParts } from '../../../core/version-parts.js';
import { testVectorPart } from '../../support/test-commit.js';

const partsOf = (sizes: readonly number[]) =>
  VersionParts.of(
    sizes.map((size, shard) => {
      const vectors = testVectorPart(shard, 0, size);
      return { chunks: { ...vectors, tokens: 0 }, vectors, live: [{ start: 0, end: size }] };
    }),
  );

describe('the shards of an index', () => {
  it('hold every part with rows once and in order, and no more rows than asked unless one part has more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 })),
        fc.integer({ min: 1, max: 80 }),
        (sizes, rows) => {
          const all = partsOf(sizes);
          const shards = planIndexShards(all, rows);
          expect(shards.flatMap((shard) => shard.parts)).toEqual([...all]);
          for (const shard of shards) {
            expect(shard.rows).toBe(shard.parts.reduce((sum, part) => sum + part.rows, 0));
            expect(shard.rows <= rows || shard.parts.length === 1).toBe(true);
          }
        },
      ),
    );
  });

  it('stay the same but for the last when parts are appended', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        fc.array(fc.integer({ min: 1, max: 50 })),
        (first, more) => {
          const before = planIndexShards(partsOf(first), 60);
          const after = planIndexShards(partsOf([...first, ...more]), 60);
          expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
        },
      ),
    );
  });

  it('leave out parts without rows', () => {
    const vectors = { ...testVectorPart(0, 0, 1), end: 0 };
    const parts = VersionParts.of([{ chunks: { ...vectors, tokens: 0 }, vectors, live: [] }]);
    expect(planIndexShards(parts, 10)).toEqual([]);
  });
});
