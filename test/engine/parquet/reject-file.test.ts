import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REJECT_CODES, type Reject, type RejectCode } from '../../../core/document.js';
import { readRejectFile, writeRejectFile } from '../../../engine/parquet/reject-file.js';
import { anyText } from './sample-rows.js';

const anyPlace = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const anyReject: fc.Arbitrary<Reject> = fc.record(
  {
    code: fc.constantFrom(...(Object.keys(REJECT_CODES) as RejectCode[])),
    reason: anyText,
    position: fc.record({
      uri: anyText,
      unit: fc.constantFrom('byte' as const, 'row' as const),
      at: anyPlace,
    }),
    ordinal: anyPlace,
    id: anyText,
  },
  { requiredKeys: ['code', 'reason', 'position', 'ordinal'] },
);

test('any rejects are read back as they were written, with and without a document id', () => {
  fc.assert(
    fc.property(fc.array(anyReject, { maxLength: 12 }), (rejects) => {
      const read = readRejectFile(writeRejectFile(rejects, { shard: '3' }), 'rejects');
      expect(read).toEqual({ rejects, footer: { format: 'rejects/1', shard: '3' } });
    }),
  );
});

test('a code that this release does not know is FILE_DAMAGED', () => {
  const position = { uri: 'file:///corpus.jsonl', unit: 'byte' as const, at: 0 };
  const bytes = writeRejectFile(
    [{ code: 'NEW_CODE' as RejectCode, reason: 'later', position, ordinal: 0 }],
    {},
  );
  expect(() => readRejectFile(bytes, 'rejects')).toThrow(expect.objectContaining({ code: 'FILE_DAMAGED' }));
});
