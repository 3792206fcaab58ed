import { withAllowedDeletes } from '../job-spec.js';
import type { ScheduleRecord } from './schedule-record.js';

/** The argument of the workflow of one night. */
export interface NightInput {
  schedule: ScheduleRecord;
  /** Absent where nobody has asked for anything, and in arguments of earlier releases. */
  wish?: NightWish;
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
export function scheduleOfNight({ schedule, wish }: NightInput, scheduledAt: number): ScheduleRecord {
  const isMeant = wish !== undefined && wish.from <= scheduledAt && scheduledAt <= wish.to;
  return isMeant ? withNightRequest(schedule, wish) : schedule;
}
