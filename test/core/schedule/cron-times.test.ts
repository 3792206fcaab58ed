import { describe, expect, test } from 'vitest';
import { namesTime, parseCron } from '../../../core/schedule/cron-times.js';

const numbers = (values: ReadonlySet<number> | undefined) => [...(values ?? [])].sort((a, b) => a - b);

describe('a cron expression', () => {
  test.each([
    ['0 2 * * *', 'hour', [2]],
    ['0 1-3 * * *', 'hour', [1, 2, 3]],
    ['0 1-7/3 * * *', 'hour', [1, 4, 7]],
    ['0 20/2 * * *', 'hour', [20, 22]],
    ['0 */6 * * *', 'hour', [0, 6, 12, 18]],
    ['0 1,3-4,22/1 * * *', 'hour', [1, 3, 4, 22, 23]],
    ['5,35 2 * * *', 'minute', [5, 35]],
    ['0 2 * * MON-FRI', 'dayOfWeek', [1, 2, 3, 4, 5]],
    ['0 2 * * 5-7', 'dayOfWeek', [0, 5, 6]],
    ['0 2 * * sunday,Tu', 'dayOfWeek', [0, 2]],
    ['0 2 * mar-MAY *', 'month', [3, 4, 5]],
    ['0 2 1 1 * 2027-2029', 'year', [2027, 2028, 2029]],
    ['30 0 2 * * * 2030', 'second', [30]],
    ['0 2 * * * # the nightly one', 'minute', [0]],
    ['@daily', 'hour', [0]],
    ['@weekly', 'dayOfWeek', [0]],
    ['@yearly', 'month', [1]],
  ] as const)('%s: %s', (expression, field, expected) => {
    expect(numbers(parseCron(expression)?.[field])).toEqual(expected);
  });

  test.each([
    '@every 24h',
    '0 2 * *',
    '0 2 * * * * * *',
    '0 25 * * *',
    '0 5-2 * * *',
    '0 1-2-3 * * *',
    '0 1/2/3 * * *',
    '0 1/ * * *',
    '0 1/0 * * *',
    '0 x * * *',
    '0 2 * ma *',
    '0 -1 * * *',
    '0 , * * *',
  ])('%s names no clock times', (expression) => {
    expect(parseCron(expression)).toBeUndefined();
  });

  test('must match in every field at once, also in both the day of the month and the day of the week', () => {
    const times = parseCron('0 2 13 * FRI')!;
    expect(namesTime(times, new Date('2026-11-13T02:00:00Z'))).toBe(true);
    for (const other of [
      '2026-11-13T02:00:01Z',
      '2026-11-20T02:00:00Z',
      '2026-12-13T02:00:00Z',
      '2026-11-13T03:00:00Z',
    ])
      expect(namesTime(times, new Date(other))).toBe(false);
  });
});
