import { type CronTimes, namesTime, parseCron } from '../../core/schedule/cron-times.js';
import type { ScheduleTiming } from '../../core/schedule/schedule-record.js';
import { type ClockChange, clockChanges } from './clock-changes.js';

/** The time ahead for which nights are examined, in ms: twenty years. */
export const HORIZON_MS = 20 * 365.25 * 86_400_000;

/**
 * An expression that names more times of a repeated hour than this is not a nightly one, and is
 * left as it is.
 */
const MAX_REPEATED_TIMES = 12;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/**
 * A night whose clock time does not exist on its day. It begins at the first instant after that
 * time. Times are in ms since the epoch.
 */
export interface SkippedNight {
  /** The clock time that the expression names, in the UTC fields. */
  local: Date;
  /** The time at which the night begins. */
  at: number;
  /** The clock time at `at`, in the UTC fields. */
  localAt: Date;
  /** Whether Temporal begins it without an addition to the schedule. */
  isServed: boolean;
}

/**
 * A night whose clock time comes twice on its day, so that Temporal would begin it twice. The
 * schedule leaves out that clock time, which covers both, and begins the night a second after the
 * first of them.
 */
export interface RepeatedNight {
  /** The clock time, in the UTC fields. */
  local: Date;
  /** The time at which the night begins, in ms since the epoch. */
  at: number;
}

/** The nights that a change of the clocks would disturb. */
export interface ChangedNights {
  skipped: readonly SkippedNight[];
  repeated: readonly RepeatedNight[];
}

/**
 * Returns the nights of a schedule that Temporal would leave out or begin twice on the days when
 * its zone's clocks change, from an instant on and for twenty years. Temporal leaves out a time
 * that the clock jumps over, unless the jump stays within the hour. It begins a time that comes
 * twice at both occurrences, if the zone lies west of Greenwich (`compiledCalendar.next` in
 * temporalio/temporal, service/worker/scheduler/calendar.go). Expressions for every hour, and
 * `@every`, lose nothing and repeat nothing.
 */
export function changedNights(
  { cron, timezone }: Pick<ScheduleTiming, 'cron' | 'timezone'>,
  now: number,
): ChangedNights {
  const parsed = cron.map(parseCron);
  const nightly = parsed.filter((times) => times !== undefined && times.hour.size < DAY_HOURS) as CronTimes[];
  if (nightly.length === 0) return { skipped: [], repeated: [] };
  const changes = clockChanges(timezone, now, now + HORIZON_MS);
  const names = (local: Date) => nightly.some((times) => namesTime(times, local));
  // A time that the schedule leaves out is left out of all its expressions.
  const repeats =
    nightly.length === parsed.length ? changes.filter(({ before, after }) => after < before) : [];
  return {
    skipped: changes.flatMap((change) => skippedAt(change, names)),
    repeated: repeats.flatMap((change) => repeatedAt(change, names)),
  };
}

function skippedAt({ at, before, after }: ClockChange, names: (local: Date) => boolean): SkippedNight[] {
  if (after <= before || names(new Date(at + after))) return [];
  const missing = timesBetween(at + before, at + after, names);
  const skipped = missing.map((local): SkippedNight => {
    const shifted = local.getTime() - before;
    const isServed = hourOf(shifted + after) === hourOf(local.getTime());
    const begins = isServed ? shifted : at;
    return { local, at: begins, localAt: new Date(begins + after), isServed };
  });
  // However many times are jumped over, they begin one night.
  return skipped.slice(0, 1);
}

function repeatedAt({ at, before, after }: ClockChange, names: (local: Date) => boolean): RepeatedNight[] {
  // The server also begins the second occurrence if the clock time, read as a time in UTC, comes
  // after the change.
  const twice = timesBetween(at + after, Math.min(at, at + before), names);
  if (twice.length > MAX_REPEATED_TIMES) return [];
  return twice.map((local) => ({ local, at: local.getTime() - before + SECOND_MS }));
}

/** Returns the named clock times from one (inclusive) to another (exclusive). */
function timesBetween(from: number, to: number, names: (local: Date) => boolean): Date[] {
  const found: Date[] = [];
  for (let time = from; time < to; time += SECOND_MS) if (names(new Date(time))) found.push(new Date(time));
  return found;
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS);
}
