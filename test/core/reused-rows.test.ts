import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../core/canonical-json.js';
import { addReused, NOTHING_REUSED, parseReusedRows, reusedCount } from '../../core/reused-rows.js';

const anyReused = fc.record({
  repeated: fc.nat(),
  lent: fc.dictionary(fc.constantFrom('a@1', 'a@2', 'b@1'), fc.nat(), { noNullPrototype: true }),
});

test('counts add up in any order, and come back from JSON as they were', () => {
  fc.assert(
    fc.property(fc.array(anyReused), (all) => {
      const sum = all.reduce(addReused, NOTHING_REUSED);
      expect(reusedCount(sum)).toBe(all.reduce((total, one) => total + reusedCount(one), 0));
      expect([...all].reverse().reduce(addReused, NOTHING_REUSED)).toEqual(sum);
      expect(parseReusedRows(canonicalJson(sum))).toEqual(sum);
    }),
  );
});

test.each([
  '',
  '{}',
  'null',
  '{"repeated":1}',
  '{"repeated":-1,"lent":{}}',
  '{"repeated":1,"lent":{"a":"b"}}',
])('what are no counts is not taken for some: %s', (text) => {
  expect(parseReusedRows(text)).toBeUndefined();
});
