import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';
import { canonicalJson } from '../../core/canonical-json.js';
import { VectormillError } from '../../core/errors.js';
import type { NightSummary } from '../../core/schedule/night.js';
import type { NightInput, NightWish } from '../../core/schedule/night-request.js';
import { differencesOf, type ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { NIGHTLY_JOB, nightWorkflowId, scheduleId } from '../../core/workflow-api.js';
import { type ChangedNights, changedNights } from '../../engine/schedule/changed-nights.js';
import { lookUpSchedule } from './find-schedule.js';
import { hasAddedTimes, scheduleSpec } from './schedule-spec.js';

type Night = (input: NightInput) => Promise<NightSummary>;
type NightlyOptions = Omit<ScheduleOptions<ScheduleOptionsStartWorkflowAction<Night>>, 'scheduleId'>;

export type Creation = 'created' | 'unchanged' | 'replaced';

/**
 * Creates a schedule, finds that the same one exists, or replaces one with another content, whose
 * nights, history and pause are kept. An existing schedule gets the times of changed nights as they
 * are known now. Errors: SCHEDULE_CONFLICT with the differences, unless it may be replaced;
 * JOB_INVALID for a time that the server does not take.
 */
export async function createSchedule(
  client: Client,
  record: ScheduleRecord,
  {
    replace,
    changed = changedNights(record.timing, Date.now()),
  }: { replace: boolean; changed?: ChangedNights },
): Promise<Creation> {
  const options = optionsOf(record, changed);
  try {
    await client.schedule
      .create({ scheduleId: scheduleId(record.name), ...options })
      .catch(refuseTimes(record));
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const existing = await lookUpSchedule(client, record.name);
  const differences = existing ? changesIn(existing.record, record) : [];
  const isSame = differences.length === 0;
  // A schedule that is replaced by the same one is written again, which encrypts it by the key of
  // today.
  const isKept = isSame && !replace;
  if (isKept && (!existing || hasAddedTimes(existing.description.spec, options.spec))) return 'unchanged';
  if (!isSame && !replace) throw conflict(record.name, differences);
  await updateSchedule(client, record.name, options).catch(refuseTimes(record));
  return isSame ? 'unchanged' : 'replaced';
}

/** Checks that no schedule of this name has another content. Errors: SCHEDULE_CONFLICT. */
export async function assertNotOther(client: Client, record: ScheduleRecord): Promise<void> {
  const existing = await lookUpSchedule(client, record.name);
  const differences = existing ? changesIn(existing.record, record) : [];
  if (differences.length > 0) throw conflict(record.name, differences);
}

function changesIn(existing: ScheduleRecord, record: ScheduleRecord): string[] {
  return differencesOf(existing, record, (a, b) => canonicalJson({ a }) === canonicalJson({ a: b }));
}

/**
 * Tells a schedule what somebody asks of the nights of some times. Its other nights, its history
 * and its pause stay as they are. What was asked before is forgotten unless it is among `wishes`.
 */
export async function askOfNights(
  client: Client,
  record: ScheduleRecord,
  wishes: readonly NightWish[],
): Promise<void> {
  const changed = changedNights(record.timing, Date.now());
  await updateSchedule(client, record.name, optionsOf(record, changed, wishes));
}

async function updateSchedule(client: Client, name: string, options: NightlyOptions): Promise<void> {
  await client.schedule
    .getHandle(scheduleId(name))
    .update<Night>(({ state }) => ({ ...options, state: { paused: state.paused, note: state.note ?? '' } }));
}

/**
 * Returns the options of a schedule: one night runs at a time, and one waits; missed nights are
 * begun late; after a failed night no other begins.
 */
function optionsOf(
  record: ScheduleRecord,
  changed: ChangedNights,
  wishes: readonly NightWish[] = [],
): NightlyOptions {
  const { timing } = record;
  return {
    spec: scheduleSpec(timing, changed),
    policies: { overlap: 'BUFFER_ONE', catchupWindow: timing.catchupWindowMs, pauseOnFailure: true },
    action: {
      type: 'startWorkflow',
      workflowType: NIGHTLY_JOB as never,
      workflowId: nightWorkflowId(record.name),
      taskQueue: 'control',
      args: [{ schedule: record, ...(wishes.length > 0 && { wishes }) }],
    },
  };
}

/** The client throws a TypeError where the server reports an invalid argument. */
function refuseTimes({ timing }: ScheduleRecord): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof TypeError)) throw error;
    throw new VectormillError(
      'JOB_INVALID',
      `Temporal does not take ${timing.cron.join(' and ')} in ${timing.timezone}: ${error.message}`,
      {
        component: 'cli',
        cause: error,
        remedy: 'Mend `cron` or `timezone`: minute, hour, day of month, month, day of week.',
      },
    );
  };
}

function conflict(name: string, differences: readonly string[]): VectormillError {
  return new VectormillError(
    'SCHEDULE_CONFLICT',
    `the schedule ${name} stands already, with other values for: ${differences.join(', ')}`,
    {
      component: 'cli',
      remedy: 'Give --replace to change it from the next night on, or this one another `name`.',
    },
  );
}
