import { describe, expect, test } from 'vitest';
import { scheduleOfNight } from '../../../core/schedule/night-request.js';
import { testSchedule } from '../../support/test-schedule.js';

describe('what somebody asks of the nights of some times', () => {
  const schedule = testSchedule('/corpora/nights');
  const input = { schedule, wish: { from: 1000, to: 2000, allowDeletes: 7 } };

  test('holds for these alone', () => {
    const limits = { ...schedule.job.spec.limits, allowDeletes: 7 };
    for (const at of [1000, 2000]) expect(scheduleOfNight(input, at).job.spec.limits).toEqual(limits);
    for (const at of [999, 2001]) expect(scheduleOfNight(input, at)).toBe(schedule);
    expect(scheduleOfNight({ schedule }, 1000)).toBe(schedule);
  });
});
