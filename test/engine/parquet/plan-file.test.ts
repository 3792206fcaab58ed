import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Shard } from '../../../core/plan.js';
import {
  forgottenFooter,
  readCarryingPlanFile,
  readPlanFile,
  readPlanState,
  writeCarryingPlanFile,
  writeForgottenPlan,
  writeKeptPlan,
  writePlanFile,
} from '../../../engine/parquet/plan-file.js';
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

const SLICE = { uri: 'a', etag: 'b', objectBytes: 1, start: 0, end: 1, bytes: 1, estimatedRows: 1 };

test('any plan is read back as it was written, even with sizes beyond 32 bits', () => {
  fc.assert(
    fc.property(anyShards, (shards) => {
      expect(readPlanFile(writePlanFile(shards, { fingerprint: 'abc' }), 'plan')).toEqual(shards);
    }),
  );
});

test('a later version may plan shards whose numbers do not begin at zero', () => {
  const shards = [
    { shard: 7, slices: [SLICE, SLICE] },
    { shard: 4_294_967_295, slices: [SLICE] },
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

test('a plan that is kept has the same shards and says so, as often as it is kept', () => {
  fc.assert(
    fc.property(anyShards, fc.nat(3), fc.boolean(), (shards, forgottenPlans, isCarrying) => {
      const footer = { fingerprint: 'abc', ...forgottenFooter(forgottenPlans) };
      const kept = isCarrying ? [0, 1] : [];
      const slices = [1, 2].map((size) => ({ ...SLICE, objectBytes: size }));
      const plan = isCarrying
        ? writeCarryingPlanFile({ shards, kept }, slices, footer)
        : writePlanFile(shards, footer);
      const read = isCarrying ? readCarryingPlanFile : readPlanFile;
      const once = writeKeptPlan(plan, 'plan');
      expect(readPlanState(plan, 'plan')).toEqual({ state: 'open', forgottenPlans });
      expect(readPlanState(once, 'plan')).toEqual({ state: 'kept', forgottenPlans });
      expect(read(once, 'plan')).toEqual(read(plan, 'plan'));
      expect(writeKeptPlan(once, 'plan')).toEqual(once);
    }),
  );
});

test('the note that a plan was forgotten is not taken for a plan without shards', () => {
  const note = writeForgottenPlan(2);
  expect(readPlanState(note, 'plan')).toEqual({ state: 'forgotten', forgottenPlans: 2 });
  for (const read of [readPlanFile, readCarryingPlanFile, writeKeptPlan])
    expect(() => read(note, 'plan')).toThrow(expect.objectContaining({ code: 'FILE_DAMAGED' }));
});
