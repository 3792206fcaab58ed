import { expect, test } from 'vitest';
import { retryAfterMs } from '../../core/retry-after.js';

const NOW = Date.UTC(2026, 10, 21, 7, 0, 0);
const said = (retryAfter: string | null, milliseconds: string | null = null) =>
  retryAfterMs({ retryAfter, retryAfterMs: milliseconds }, NOW);

test.each([
  ['12', 12_000],
  ['0', 0],
  [' 1.5 ', 1500],
  ['Sat, 21 Nov 2026 07:00:30 GMT', 30_000],
  ['Sat, 21 Nov 2026 06:00:00 GMT', 0],
  ['Saturday, 21-Nov-26 07:00:30 GMT', 30_000],
  ['Sat Nov 21 07:00:30 2026', 30_000],
  ['32s', 32_000],
  ['12, 17', 17_000],
])('Retry-After %j is %d ms', (header, expected) => {
  expect(said(header)).toBe(expected);
});

test.each([null, '', 'soon', '-3', 'NaN', '1e9x', '12, soon', '3m'])(
  'Retry-After %j gives no wait',
  (header) => {
    expect(said(header)).toBeUndefined();
  },
);

test('milliseconds are used rather than seconds, where they can be read', () => {
  expect([said('9', '250'), said('9', 'x')]).toEqual([250, 9000]);
});
