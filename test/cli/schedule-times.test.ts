import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { scheduleSpec } from '../../cli/schedule/schedule-spec.js';
import { parseCron } from '../../core/schedule/cron-times.js';
import type { ScheduleTiming } from '../../core/schedule/schedule-record.js';
import { scheduleId } from '../../core/workflow-api.js';
import { changedNights } from '../../engine/schedule/changed-nights.js';
import { vectormill, vectormillJson } from './command-line.js';
import { created, namespace, nightly } from './nights.js';

const timestamp = (iso: string) => ({ seconds: Math.floor(Date.parse(iso) / 1000) as never, nanos: 0 });

/** Returns the times between two instants at which the server begins nights. */
async function servedTimes(id: string, from: string, to: string): Promise<Date[]> {
  const { startTime } = await namespace.client.workflowService.listScheduleMatchingTimes({
    namespace: namespace.namespace,
    scheduleId: id,
    startTime: timestamp(from),
    endTime: timestamp(to),
  });
  return startTime.map(({ seconds }) => new Date(Number(seconds) * 1000));
}

/** Creates a schedule of these times that starts nothing, and calls a function with it. */
async function withTimes<T>(
  spec: ReturnType<typeof scheduleSpec>,
  use: (id: string) => Promise<T>,
): Promise<T> {
  const id = `times-${randomUUID()}`;
  const action = { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none', args: [] } as never;
  const handle = await namespace.client.schedule.create({
    scheduleId: id,
    spec,
    action,
    state: { paused: true },
  });
  try {
    return await use(id);
  } finally {
    await handle.delete();
  }
}

const timing = (timezone: string, ...cron: string[]): ScheduleTiming => ({
  cron,
  timezone,
  catchupWindowMs: 3_600_000,
  jitterMs: 0,
});

describe('the times that the server derives from a schedule', () => {
  // Casablanca is left out: its future changes are predicted, and each release of the time zone
  // database predicts them differently. The server and this Node each bring their own release.
  test.each([
    ['Europe/Berlin', '0 2 * * *'],
    ['Europe/Berlin', '30 2 * * *'],
    ['Europe/London', '15 1 * * *'],
    ['America/New_York', '30 2 * * *'],
    ['America/New_York', '30 1 * * *'],
    ['America/St_Johns', '0 1 * * *'],
    ['America/Santiago', '@daily'],
    ['America/Santiago', '30 23 * * *'],
    ['America/Havana', '0 0 * * *'],
    ['Atlantic/Azores', '0 0 * * *'],
    ['Africa/Cairo', '0 0 * * *'],
    ['Africa/Cairo', '30 23 * * *'],
    ['Asia/Beirut', '59 0 * * *'],
    ['Australia/Lord_Howe', '15 2 * * *'],
    ['Australia/Lord_Howe', '45 1 * * *'],
    ['Antarctica/Troll', '30 1 * * *'],
    ['Asia/Kolkata', '30 1 * * *'],
  ])('are one a day for two years: %s, %s', async (timezone, cron) => {
    const nights = timing(timezone, cron);
    const spec = scheduleSpec(nights, changedNights(nights, Date.parse('2027-01-01T00:00Z')));
    const times = await withTimes(spec, (id) => servedTimes(id, '2027-01-01T12:00Z', '2028-12-31T12:00Z'));
    const day = new Intl.DateTimeFormat('sv', { timeZone: timezone, dateStyle: 'short' });
    const days = times.map((time) => day.format(time));
    const first = Date.parse(days[0]!);
    const everyDay = days.map((_, count) => new Date(first + count * 86_400_000).toISOString().slice(0, 10));
    expect(days).toEqual(everyDay);
    expect(days.length).toBeGreaterThanOrEqual(729);
  });

  test.each([
    '0 2 * * *',
    '*/20 1-7/3,22 1,15 jan-MAR MON-FRI',
    '5/10 20/2 * * 5-7',
    '30 0 2 * * sun 2027-2030/2',
    '0 2 * * 1-7/2 # a comment',
    '@weekly',
    '@monthly',
  ])('are those that are derived from %s here', async (cron) => {
    const spec = { cronExpressions: [cron], timezone: 'UTC' };
    const found = await withTimes(spec, async (id) => {
      const { spec: existing } = await namespace.client.schedule.getHandle(id).describe();
      return existing.calendars![0]!;
    });
    const numbers = (
      ranges: readonly { start: unknown; end: unknown; step: number }[],
      names?: readonly string[],
    ) => {
      const number = (value: unknown) => (names ? names.indexOf(String(value)) : Number(value));
      return ranges.flatMap(({ start, end, step }) => {
        const all: number[] = [];
        for (let value = number(start); value <= number(end); value += step) all.push(value);
        return all;
      });
    };
    const months = ',JANUARY,FEBRUARY,MARCH,APRIL,MAY,JUNE,JULY,AUGUST,SEPTEMBER,OCTOBER,NOVEMBER,DECEMBER';
    const days = 'SUNDAY,MONDAY,TUESDAY,WEDNESDAY,THURSDAY,FRIDAY,SATURDAY';
    const { year, ...own } = parseCron(cron)!;
    expect(own).toEqual({
      second: new Set(numbers(found.second)),
      minute: new Set(numbers(found.minute)),
      hour: new Set(numbers(found.hour)),
      dayOfMonth: new Set(numbers(found.dayOfMonth)),
      month: new Set(numbers(found.month, months.split(','))),
      dayOfWeek: new Set(numbers(found.dayOfWeek, days.split(','))),
    });
    expect([...(year ?? [])]).toEqual(numbers(found.year));
  });
});

describe('vectormill schedule create', () => {
  test('begins a night whose time does not exist at the next instant, and says so', async () => {
    // In the coming years, 28 March is such a day first in 2027 and in 2032.
    const { file } = nightly('jumped', { cron: '0 2 28 3 *', timezone: 'Europe/Berlin' });
    const { json } = await vectormillJson('schedule', 'create', file);
    const year = new Date(json.next).getUTCFullYear();
    const jumps = clocksJump(year);
    expect(json.next).toBe(`${year}-03-28T${jumps ? '01:00' : '00:00'}:00.000Z`);
    expect(json.notes).toEqual([
      expect.stringMatching(
        /^02:00 does not exist on \d{4}-03-28 in Europe\/Berlin.* begins at 03:00, which is \d{4}-03-28T01:00:00\.000Z/,
      ),
    ]);
    expect((await vectormillJson('status', 'jumped')).json.next).toBe(json.next);
    expect((await vectormill('schedule', 'create', file)).stdout).toMatch(
      /stands already[\s\S]*note: 02:00 does not exist/,
    );
    await vectormill('schedule', 'delete', 'jumped');
  });

  test('begins a night whose time comes twice only once, even where Temporal would begin it twice', async () => {
    const { file } = nightly('twice', { cron: '30 1 * 11 SUN', timezone: 'America/New_York' });
    const { json } = await vectormillJson('schedule', 'create', file);
    const [note] = json.notes as string[];
    expect(note).toMatch(/^01:30 comes twice on \d{4}-11-0\d in America\/New_York/);
    const at = /which is (\S+Z)/.exec(note!)![1]!;
    const from = (days: number) => new Date(Date.parse(at) + days * 86_400_000).toISOString();
    // The time without the second that was added, and after the hour that came twice.
    const nextWeek = new Date(Date.parse(at) + 7 * 86_400_000 + 3_599_000).toISOString();
    const times = await servedTimes(scheduleId('twice'), from(-3), from(8));
    expect(times.map((time) => time.toISOString())).toEqual([at, nextWeek]);
    await vectormill('schedule', 'delete', 'twice');
  });

  test('gives an existing schedule the times that are known now', async () => {
    const { file } = nightly('older', { timezone: 'Europe/Berlin' });
    await created(file);
    const handle = namespace.client.schedule.getHandle(scheduleId('older'));
    const added = async () => (await handle.describe()).spec.calendars?.length;
    const before = await added();
    // The schedule as an earlier release made it.
    await handle.update(({ action, policies, state }) => ({
      action: action as never,
      policies: policies as never,
      state: { paused: state.paused, note: 'as it was' },
      spec: { cronExpressions: ['0 2 * * *'], timezone: 'Europe/Berlin' },
    }));
    expect(await added()).toBe(1);
    expect((await vectormillJson('schedule', 'create', file)).json).toMatchObject({ unchanged: true });
    expect(await added()).toBe(before);
    expect((await handle.describe()).state.note).toBe('as it was');
    await vectormill('schedule', 'delete', 'older');
  });
});

/**
 * Returns whether the clocks of Berlin are put forward on 28 March, which is so where it is the
 * last Sunday of the month.
 */
function clocksJump(year: number): boolean {
  return new Date(Date.UTC(year, 2, 28)).getUTCDay() === 0;
}
