import { setTimeout } from 'node:timers/promises';
import type { Client, ScheduleDescription } from '@temporalio/client';
import type { ScheduleTiming } from '../../core/schedule/schedule-record.js';
import { scheduleId } from '../../core/workflow-api.js';
import { isUnreadable } from '../job/unread-client.js';
import { isNamed, isUnfinished, rangeOf } from './continue-night.js';
import { type ExistingSchedule, listScheduleNames, lookUpSchedule } from './find-schedule.js';
import { type NightObservation, observeNight } from './observe-night.js';

/** A schedule and its last night, as `status` shows them. Times are in ISO 8601. */
export interface ScheduleObservation {
  schedule: string;
  dataset: string;
  output: string;
  ref: string;
  timing: ScheduleTiming;
  paused: boolean;
  /** The note of the last pause or resumption. Temporal writes it where a night failed. */
  note: string | null;
  /**
   * The time at which the next night begins. Null while the schedule is paused, and after the last
   * time that the expressions name.
   */
  next: string | null;
  /**
   * Nights that were missed for longer than the catch-up window, and nights that were dropped
   * because others waited.
   */
  missed: number;
  skipped: number;
  /** Null before the first night, and where the server no longer has it. */
  last: NightObservation | null;
  /**
   * Whether the last night can continue under its version: it is unfinished and was not triggered
   * by hand.
   */
  canContinue: boolean;
}

/**
 * Within this many ms Temporal pauses a schedule whose night has failed. After that, somebody may
 * have resumed it.
 */
const SETTLING_MS = 3000;
const POLL_INTERVAL_MS = 250;

/** A schedule of which this process cannot read what Temporal stores. */
export interface UnreadableSchedule {
  schedule: string;
  /** The reason, with the name of the missing key. */
  problem: string;
}

/** Returns all of our schedules, ordered by name. Those that cannot be read are among them. */
export async function observeAllSchedules(
  client: Client,
): Promise<(ScheduleObservation | UnreadableSchedule)[]> {
  const names = await listScheduleNames(client);
  const found = await Promise.all(names.map((name) => observeNamed(client, name)));
  return found.filter((schedule) => schedule !== undefined);
}

async function observeNamed(
  client: Client,
  name: string,
): Promise<ScheduleObservation | UnreadableSchedule | undefined> {
  try {
    const existing = await lookUpSchedule(client, name);
    return existing && (await observeSchedule(client, existing));
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { schedule: name, problem: `${error.code}: ${error.message}` };
  }
}

/**
 * Waits a little where the last night has failed and the schedule is not paused. Temporal checks
 * how a night ended when the next one is due or when somebody asks, and pauses the schedule only
 * then.
 */
export async function observeSchedule(
  client: Client,
  existing: ExistingSchedule,
): Promise<ScheduleObservation> {
  const { record } = existing;
  const latest = existing.description.info.recentActions.at(-1)?.action.workflow.workflowId;
  const last = latest === undefined ? undefined : await observeNight(client, latest);
  const { info, state } = last?.state === 'failed' ? await settled(client, existing) : existing.description;
  const { dataset, output, ref } = record.job.spec;
  return {
    schedule: record.name,
    dataset,
    output,
    ref,
    timing: record.timing,
    paused: state.paused,
    note: state.note || null,
    next: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
    last: last ?? null,
    canContinue:
      last !== undefined &&
      isUnfinished(last) &&
      (await isNamed(client, record.name, rangeOf(last, record.timing))),
  };
}

async function settled(
  client: Client,
  { record, description }: ExistingSchedule,
): Promise<ScheduleDescription> {
  let seen = description;
  for (let waited = 0; !seen.state.paused && waited < SETTLING_MS; waited += POLL_INTERVAL_MS) {
    await setTimeout(POLL_INTERVAL_MS);
    seen = await client.schedule.getHandle(scheduleId(record.name)).describe();
  }
  return seen;
}
