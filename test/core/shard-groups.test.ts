import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GROUPS_A_MERGE,
  IDS_A_FOLD,
  idGroupSize,
  idMergeSize,
  recordGroupSize,
  shardGroups,
} from '../../core/shard-groups.js';

it('groups hold every shard once, in order', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 600 }), (shards, size) => {
      let next = 0;
      for (const { from, to } of shardGroups(shards, size)) {
        expect(from).toBe(next);
        expect(to - from).toBe(Math.min(size, shards - from));
        next = to;
      }
      expect(next).toBe(shards);
    }),
  );
});

describe('ids', () => {
  it('are not folded where each id file is read once in any case', () => {
    expect(idGroupSize({ shards: 100_000, ids: 1_000_000, ranges: 1 })).toBeUndefined();
    expect(idGroupSize({ shards: 16, ids: 0, ranges: 1 })).toBeUndefined();
  });

  it('are folded in groups that fill about one file', () => {
    expect(idGroupSize({ shards: 1000, ids: 10_000_000, ranges: 10 })).toBe(IDS_A_FOLD / 10_000);
    expect(idGroupSize({ shards: 16, ids: 1_500_000, ranges: 2 })).toBe(16);
  });

  it('are not folded where a shard has as many as a file', () => {
    expect(idGroupSize({ shards: 10, ids: 5 * IDS_A_FOLD, ranges: 10 })).toBe(2);
    expect(idGroupSize({ shards: 10, ids: 8 * IDS_A_FOLD, ranges: 16 })).toBeUndefined();
  });
});

it('folded ids are merged only where there are more groups than are merged together', () => {
  expect(idMergeSize(GROUPS_A_MERGE * 200, 200)).toBeUndefined();
  expect(idMergeSize(GROUPS_A_MERGE * 200 + 1, 200)).toBe(GROUPS_A_MERGE * 200);
});

it('commits and ranges are folded in a thousand groups at most, unless there is only one', () => {
  expect(recordGroupSize(1)).toBeUndefined();
  expect(recordGroupSize(256)).toBeUndefined();
  expect(recordGroupSize(257)).toBe(256);
  expect(recordGroupSize(100_000)).toBe(256);
  expect(shardGroups(1_000_000, recordGroupSize(1_000_000)!)).toHaveLength(1000);
});
