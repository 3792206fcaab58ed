import type { Client } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { scheduleId } from '../../core/workflow-api.js';
import type { ScheduleObservation } from './observe-schedule.js';

const UNFINISHED = ['failed', 'cancelled', 'terminated', 'timed_out'];

/**
 * The time of the last night, if it can go on: as a backfill of the schedule, which starts it under the same name and
 * watches it as every night. Errors: USAGE where the last night needs nothing, or was triggered by hand.
 */
export async function timeToContinue(
  client: Client,
  { schedule, last, timing }: ScheduleObservation,
): Promise<{ start: Date; end: Date }> {
  if (!last || !UNFINISHED.includes(last.state))
    throw usage(
      last ? `the last night of ${schedule} is ${last.state}` : `${schedule} has had no night yet`,
      'Leave out --continue.',
    );
  const start = new Date(last.scheduledAt);
  const range = { start, end: new Date(start.getTime() + timing.jitterMs) };
  if (await isNamed(client, schedule, range)) return range;
  throw usage(
    `the last night of ${schedule} was triggered by hand, or its time is not one of the schedule's any more`,
    'Resume without --continue, and trigger another night.',
  );
}

/** Whether the schedule names a time within the range. */
async function isNamed(
  client: Client,
  schedule: string,
  { start, end }: { start: Date; end: Date },
): Promise<boolean> {
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

function usage(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'cli', remedy });
}
