import { describe, expect, test } from 'vitest';
import { openWishes, scheduleOfNight, timeOfTrigger } from '../../../core/schedule/night-request.js';
import { testSchedule } from '../../support/test-schedule.js';

describe('what somebody asks of the nights of some times', () => {
  const schedule = testSchedule('/corpora/nights');
  const wish = { from: 1000, to: 2000, allowDeletes: 7 };
  const limits = { ...schedule.job.spec.limits, allowDeletes: 7 };

  test('holds for these alone', () => {
    const input = { schedule, wishes: [wish] };
    for (const at of [1000, 2000]) expect(scheduleOfNight(input, at).job.spec.limits).toEqual(limits);
    for (const at of [999, 2001]) expect(scheduleOfNight(input, at)).toBe(schedule);
    expect(scheduleOfNight({ schedule }, 1000)).toBe(schedule);
  });

  test('stands beside what was asked of other nights, and the last request about a night is followed', () => {
    const other = { from: 5000, to: 5000, recompute: true as const };
    const wishes = [{ ...wish, allowDeletes: 3 }, wish, other];
    expect(scheduleOfNight({ schedule, wishes }, 1500).job.spec.limits).toEqual(limits);
    expect(scheduleOfNight({ schedule, wishes }, 1500).job.recompute).toBeUndefined();
    expect(scheduleOfNight({ schedule, wishes }, 5000).job.recompute).toBe(true);
    expect(openWishes(wishes, undefined)).toEqual(wishes);
    expect(openWishes(wishes, 1000)).toEqual([other]);
  });
});

describe('the time of a night that somebody begins', () => {
  test.each([
    ['is the second of the clock', 12_345, undefined, [], 12_000],
    ['is that second also after an earlier night', 12_345, 11_000, [], 12_000],
    ['is the next second after a night of the same one', 12_345, 12_000, [], 13_000],
    ['is after that of a later night', 12_345, 20_000, [], 21_000],
    ['is after the times of another request', 12_345, undefined, [[12_000, 22_000]], 23_000],
    [
      'is after those of several',
      12_345,
      undefined,
      [
        [14_000, 14_000],
        [12_000, 13_000],
      ],
      15_000,
    ],
  ])('%s', (_, now, begun, ranges, expected) => {
    const wishes = ranges.map(([from, to]) => ({ from: from!, to: to! }));
    expect(timeOfTrigger(now, { begun, wishes })).toBe(expected);
  });
});
