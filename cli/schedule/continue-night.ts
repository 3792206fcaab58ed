import type { Client } from '@temporalio/client';
import type { ScheduleTiming } from '../../core/schedule/schedule-record.js';
import { scheduleId } from '../../core/workflow-api.js';
import type { NightObservation } from './observe-night.js';

/** A range of times, both ends inclusive. */
export interface TimeRange {
  start: Date;
  end: Date;
}

const UNFINISHED: readonly NightObservation['state'][] = ['failed', 'cancelled', 'terminated', 'timed_out'];

/** Returns whether a night ended before its work was done. */
export function isUnfinished({ state }: NightObservation): boolean {
  return UNFINISHED.includes(state);
}

/** Returns the times that a backfill of this night covers. They cover no other night. */
export function rangeOf({ scheduledAt }: NightObservation, { jitterMs }: ScheduleTiming): TimeRange {
  const start = new Date(scheduledAt);
  return { start, end: new Date(start.getTime() + jitterMs) };
}

/**
 * Returns whether the schedule names a time within the range. A night at such a time can be begun
 * again under its name; a triggered night cannot.
 */
export async function isNamed(client: Client, schedule: string, { start, end }: TimeRange): Promise<boolean> {
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId: scheduleId(schedule),
    startTime: timestamp(start.getTime() - 1),
    endTime: timestamp(end.getTime() + 1),
  });
  return startTime.length > 0;
}

function timestamp(ms: number) {
  return { seconds: Math.floor(ms / 1000) as never, nanos: (ms % 1000) * 1_000_000 };
}
