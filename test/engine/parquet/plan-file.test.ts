import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Shard } from '../../../core/plan.js';
import { readPlanFile, writePlanFile } from '../../../engine/parquet/plan-file.js';
import { writeRejectFile } from '../../../engine/parquet/reject-file.js';
import { anyText } from './sample-rows.js';

const anySize = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const anySlice = fc.record({
  uri: anyText,
  etag: anyText,
  objectBytes: anySize,
  start: anySize,
  end: anySize,
  bytes: anySize,
  estimatedRows: anySize,
});
const anyShards: fc.Arbitrary<Shard[]> = fc
  .array(fc.array(anySlice, { minLength: 1, maxLength: 4 }), { maxLength: 10 })
  .map((shards) => shards.map((slices, shard) => ({ shard, slices })));

test('any plan is read back as it was written, even with sizes beyond 32 bits', () => {
  fc.assert(
    fc.property(anyShards, (shards) => {
      expect(readPlanFile(writePlanFile(shards, { fingerprint: 'abc' }), 'plan')).toEqual(shards);
    }),
  );
});

test('a later version may plan shards whose numbers do not begin at zero', () => {
  const slice = { uri: 'a', etag: 'b', objectBytes: 1, start: 0, end: 1, bytes: 1, estimatedRows: 1 };
  const shards = [
    { shard: 7, slices: [slice, slice] },
    { shard: 4_294_967_295, slices: [slice] },
  ];
  expect(readPlanFile(writePlanFile(shards, {}), 'plan')).toEqual(shards);
});

test('a shard without slices is refused, because no row could show that it exists', () => {
  expect(() => writePlanFile([{ shard: 0, slices: [] }], {})).toThrow(RangeError);
});

test('a file of another kind is not taken for a plan', () => {
  expect(() => readPlanFile(writeRejectFile([], {}), 'plan.parquet')).toThrow(
    expect.objectContaining({ code: 'FILE_DAMAGED', file: 'plan.parquet' }),
  );
});
