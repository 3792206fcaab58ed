import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketRanges } from '../../core/buckets.js';

describe('bucketRanges', () => {
  it('covers every bucket once, in order, whatever the number of ids', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(10), fc.nat(2 ** 40)), (ids) => {
        let next = 0;
        for (const { from, to } of bucketRanges(ids)) {
          expect(from).toBe(next);
          expect(to).toBeGreaterThan(from);
          next = to;
        }
        expect(next).toBe(BUCKETS);
      }),
    );
  });

  it('holds about a million ids in each range until there are no more buckets', () => {
    expect(bucketRanges(0)).toEqual([{ from: 0, to: 256 }]);
    expect(bucketRanges(1_000_000)).toHaveLength(1);
    expect(bucketRanges(1_000_001)).toHaveLength(2);
    expect(bucketRanges(10_000_000_000)).toHaveLength(256);
  });
});
