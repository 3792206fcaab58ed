import type { CalendarSpec, ScheduleSpec, ScheduleSpecDescription } from '@temporalio/client';
import type { ScheduleTiming } from '../../core/schedule/schedule-record.js';
import type { ChangedNights } from '../../engine/schedule/changed-nights.js';

/** What tells the times that are added here from those of the expressions. */
const ADDED = 'added by vectormill: this time is jumped over, or repeated, by the clocks';

/**
 * An interval that comes once in a schedule's life; the server takes none longer than 292 years,
 * nor one that began after 1970.
 */
const ONCE_MS = 50 * 365 * 86_400_000;

const MONTHS = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const;

/**
 * What Temporal is told of the times of nights. One that the clocks jump over gets a calendar of
 * that day, at the first instant after it. One that comes twice is left out, both times, and begins
 * a second after the first of them, which is no time of the expressions: what is left out is left
 * out by the clock, and the clock reads the same both times.
 */
export function scheduleSpec(timing: ScheduleTiming, { skipped, repeated }: ChangedNights): ScheduleSpec {
  return {
    cronExpressions: [...timing.cron],
    timezone: timing.timezone,
    jitter: timing.jitterMs,
    calendars: skipped.filter(({ isServed }) => !isServed).map(({ localAt }) => onlyAt(localAt)),
    skip: repeated.map(({ local }) => onlyAt(local)),
    intervals: repeated.map(({ at }) => ({ every: ONCE_MS, offset: at % ONCE_MS })),
  };
}

/** Whether a schedule that stands has the added times that it would be given now. */
export function hasAddedTimes(standing: ScheduleSpecDescription, wanted: ScheduleSpec): boolean {
  const added = standing.calendars?.filter(({ comment }) => comment === ADDED) ?? [];
  const once = standing.intervals?.filter(({ every }) => every === ONCE_MS) ?? [];
  return (
    sameTexts(added.map(textOf), (wanted.calendars ?? []).map(textOf)) &&
    sameTexts((standing.skip ?? []).map(textOf), (wanted.skip ?? []).map(textOf)) &&
    sameTexts(
      once.map(({ offset }) => String(offset)),
      (wanted.intervals ?? []).map(({ offset }) => String(offset)),
    )
  );
}

/**
 * A calendar that names one clock time of one day; `local` has the clock's fields in its UTC
 * fields.
 */
function onlyAt(local: Date): CalendarSpec {
  const only = <Value>(value: Value) => [{ start: value, end: value, step: 1 }];
  return {
    comment: ADDED,
    year: only(local.getUTCFullYear()),
    month: only(MONTHS[local.getUTCMonth()]!),
    dayOfMonth: only(local.getUTCDate()),
    hour: only(local.getUTCHours()),
    minute: only(local.getUTCMinutes()),
    second: only(local.getUTCSeconds()),
  };
}

function textOf({ year, month, dayOfMonth, hour, minute, second }: CalendarSpec): string {
  return JSON.stringify([year, month, dayOfMonth, hour, minute, second]);
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return [...left].sort().join() === [...right].sort().join();
}
