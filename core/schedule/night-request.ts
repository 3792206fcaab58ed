import { withAllowedDeletes } from '../job-spec.js';
import { wholeSeconds } from './night.js';
import type { ScheduleRecord } from './schedule-record.js';

const SECOND_MS = 1000;

/** The argument of the workflow of one night. */
export interface NightInput {
  schedule: ScheduleRecord;
  /**
   * The requests to nights that have not begun, the oldest first. Absent where nobody has asked for
   * anything, and in arguments of earlier releases.
   */
  wishes?: readonly NightWish[];
}

/** The request of somebody to one night, beside its schedule. */
export interface NightRequest {
  /** The number of its parent's documents that the night may delete. */
  allowDeletes?: number | undefined;
  /** Set where the night computes every vector. */
  recompute?: true | undefined;
}

/**
 * A request to the nights of some times alone. A schedule has one argument for all of its nights,
 * so that each looks whether it is meant. Times are in ms since the epoch, both inclusive.
 */
export interface NightWish extends NightRequest {
  from: number;
  to: number;
}

/** Returns a schedule as a night takes it of which somebody asks something. */
export function withNightRequest(
  schedule: ScheduleRecord,
  { allowDeletes, recompute }: NightRequest,
): ScheduleRecord {
  const job = withAllowedDeletes(schedule.job, allowDeletes);
  return { ...schedule, job: { ...job, ...(recompute && { recompute }) } };
}

/**
 * Returns the schedule of a night with what is asked of it. `scheduledAt` is in ms since the epoch.
 */
export function scheduleOfNight({ schedule, wishes = [] }: NightInput, scheduledAt: number): ScheduleRecord {
  const wish = wishes.findLast((own) => isMeant(own, scheduledAt));
  return wish ? withNightRequest(schedule, wish) : schedule;
}

/**
 * Returns the requests to nights that have not begun. `begun` is the time of the latest that has.
 */
export function openWishes(wishes: readonly NightWish[], begun: number | undefined): readonly NightWish[] {
  return wishes.filter(({ from }) => begun === undefined || from > begun);
}

/**
 * Returns the time of a night that somebody begins now, to whole seconds. It is later than the time
 * of the last night that has begun, because no two nights share a name, and it lies in no range of
 * times for which somebody else has asked something. All times are in ms since the epoch.
 */
export function timeOfTrigger(
  now: number,
  { begun, wishes }: { begun: number | undefined; wishes: readonly NightWish[] },
): number {
  let time = wholeSeconds(begun === undefined ? now : Math.max(now, begun + SECOND_MS));
  for (;;) {
    const wish = wishes.find((own) => isMeant(own, time));
    if (!wish) return time;
    time = wholeSeconds(wish.to) + SECOND_MS;
  }
}

function isMeant({ from, to }: NightWish, scheduledAt: number): boolean {
  return from <= scheduledAt && scheduledAt <= to;
}
