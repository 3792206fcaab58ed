import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { parseByteCount } from '../../core/byte-count.js';
import { parseTimeSpan } from '../../core/time-span.js';

test.each([
  ['4GB', 4e9],
  ['4GiB', 4 * 2 ** 30],
  ['1.5kb', 1500],
  ['17', 17],
  ['0', undefined],
  ['4 bananas', undefined],
  ['', undefined],
])('%j is %d bytes', (text, bytes) => {
  expect(parseByteCount(text)).toBe(bytes);
});

test.each([
  ['6h', 21_600_000],
  ['90 m', 5_400_000],
  ['2d', 172_800_000],
  ['0s', 0],
  ['6', undefined],
  ['1.5h', undefined],
  ['-1h', undefined],
  ['h', undefined],
])('%j is %d ms', (text, ms) => {
  expect(parseTimeSpan(text)).toBe(ms);
});

it('a span of time is the number times its unit', () => {
  fc.assert(
    fc.property(fc.nat(999_999), (count) => {
      expect(parseTimeSpan(`${count}m`)).toBe(count * 60_000);
    }),
  );
});
