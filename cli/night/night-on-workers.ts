import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import type { NightSummary } from '../../core/schedule/night.js';
import type { NightInput } from '../../core/schedule/night-request.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { NIGHTLY_JOB, nightWorkflowId } from '../../core/workflow-api.js';
import { orLocally } from '../executor-options.js';
import { interruptible } from '../interruptible.js';
import { withTemporal } from '../job/connect.js';
import { type NightEnd, watchNight } from '../schedule/watch-night.js';

/** The attribute by which a schedule tells each night its time. */
const SCHEDULED_AT = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/**
 * Lets workers run a night without a schedule, or attaches to the night of this time where it runs
 * already, and shows its progress on stderr. Errors: TEMPORAL_UNAVAILABLE.
 */
export function nightOnWorkers(
  schedule: ScheduleRecord,
  scheduledAt: number,
  json: boolean,
): Promise<NightEnd> {
  return interruptible((interruption) =>
    orLocally(() =>
      withTemporal((client) =>
        watchNight(
          client,
          async () => {
            const id = await startNight(client, schedule, scheduledAt);
            return async () => id;
          },
          { interruption, json },
        ),
      ),
    ),
  );
}

/** Starts a night as a schedule would at this time. Returns the id of its workflow. */
async function startNight(client: Client, schedule: ScheduleRecord, scheduledAt: number): Promise<string> {
  const time = new Date(scheduledAt);
  const workflowId = `${nightWorkflowId(schedule.name)}-${time.toISOString().replace('.000', '')}`;
  await client.workflow.start<(input: NightInput) => Promise<NightSummary>>(NIGHTLY_JOB, {
    workflowId,
    taskQueue: 'control',
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    typedSearchAttributes: new TypedSearchAttributes([{ key: SCHEDULED_AT, value: time }]),
    args: [{ schedule }],
  });
  return workflowId;
}
