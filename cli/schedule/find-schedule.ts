import { type Client, type ScheduleDescription, ScheduleNotFoundError } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import type { NightInput, NightWish } from '../../core/schedule/night-request.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { scheduleId } from '../../core/workflow-api.js';
import { unreadClient } from '../job/unread-client.js';
import { scheduleNameOf } from './schedule-file.js';

/** The beginning of the id of each of our schedules. */
const ID_PREFIX = scheduleId('');

/** A schedule as Temporal stores it. */
export interface ExistingSchedule {
  record: ScheduleRecord;
  /** The time of the latest night that has begun, in ms since the epoch. */
  begun: number | undefined;
  /** The requests to nights, some of which may have begun. */
  wishes: readonly NightWish[];
  description: ScheduleDescription;
}

/**
 * Returns the schedule of an argument, which is a name or a file. Errors: SCHEDULE_NOT_FOUND; those
 * of `scheduleNameOf`.
 */
export async function findSchedule(client: Client, argument: string): Promise<ExistingSchedule> {
  const name = await scheduleNameOf(argument);
  const found = await lookUpSchedule(client, name);
  if (found) return found;
  throw new VectormillError('SCHEDULE_NOT_FOUND', `Temporal knows no schedule ${name}`, {
    component: 'cli',
    remedy: '`vectormill schedule list` shows them; check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, too.',
  });
}

/** Returns the schedule with this name. Undefined where there is none. */
export async function lookUpSchedule(client: Client, name: string): Promise<ExistingSchedule | undefined> {
  try {
    const description = await client.schedule.getHandle(scheduleId(name)).describe();
    const [input] = (description.action.args ?? []) as NightInput[];
    if (!input) return undefined;
    const times = description.info.recentActions.map(({ scheduledAt }) => scheduledAt.getTime());
    const begun = times.length > 0 ? Math.max(...times) : undefined;
    return { record: input.schedule, begun, wishes: input.wishes ?? [], description };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Returns the names of all of our schedules, in order. One that was created within the last second
 * may be missing.
 */
export async function listScheduleNames(client: Client): Promise<string[]> {
  const names: string[] = [];
  for await (const { scheduleId: id } of unreadClient(client).schedule.list())
    if (id.startsWith(ID_PREFIX)) names.push(id.slice(ID_PREFIX.length));
  return names.sort();
}
