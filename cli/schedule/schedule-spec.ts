import type { CalendarSpec, ScheduleSpec, ScheduleSpecDescription } from '@temporalio/client';
import type { ScheduleTiming } from '../../core/schedule/schedule-record.js';
import type { ChangedNights } from '../../engine/schedule/changed-nights.js';

/** The comment by which added times are told from those of the expressions. */
const ADDED = 'added by vectormill: this time is jumped over, or repeated, by the clocks';

/**
 * An interval that comes once in the life of a schedule. The server takes no interval that is
 * longer than 292 years, and none that begins to count after 1970.
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
 * Returns the times of nights in the form that Temporal takes. A time that the clocks skip gets a
 * calendar for that day, at the first instant after it. A time that comes twice is left out both
 * times, and the night begins a second after the first of them. That second is not a time of the
 * expressions: times are left out by what the clock shows, which is the same both times.
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

/** Returns whether an existing schedule has the added times that it would get now. */
export function hasAddedTimes(existing: ScheduleSpecDescription, wanted: ScheduleSpec): boolean {
  const added = existing.calendars?.filter(({ comment }) => comment === ADDED) ?? [];
  const once = existing.intervals?.filter(({ every }) => every === ONCE_MS) ?? [];
  return (
    sameTexts(added.map(textOf), (wanted.calendars ?? []).map(textOf)) &&
    sameTexts((existing.skip ?? []).map(textOf), (wanted.skip ?? []).map(textOf)) &&
    sameTexts(
      once.map(({ offset }) => String(offset)),
      (wanted.intervals ?? []).map(({ offset }) => String(offset)),
    )
  );
}

/**
 * Returns a calendar that names one clock time on one day. The UTC fields of `local` hold the
 * fields of the clock.
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
