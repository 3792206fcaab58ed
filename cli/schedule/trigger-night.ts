import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type Client, encodeScheduleOverlapPolicy } from '@temporalio/client';
import {
  type NightRequest,
  type NightWish,
  openWishes,
  timeOfTrigger,
} from '../../core/schedule/night-request.js';
import { scheduleId } from '../../core/workflow-api.js';
import { temporalUnavailable } from '../temporal/setting-names.js';
import { isNamed } from './continue-night.js';
import { askOfNights } from './create-schedule.js';
import { type ExistingSchedule, findSchedule } from './find-schedule.js';

/** A schedule watches only nights that were queued like this, and pauses only after those. */
const OVERLAP = 'BUFFER_ONE';

/** The longest wait, in ms, for the end of the second in which the previous night began. */
const MAX_WAIT_MS = 1000;

/**
 * Some servers name a triggered night by the time at which they take the request, and not by the
 * time that they are told. The request reaches them within this many ms.
 */
const SERVER_TIME_MS = 10_000;

/** The longest wait, in ms, for a server to take an update, and the time between two looks. */
const UPDATE_MS = 10_000;
const POLL_INTERVAL_MS = 100;

/**
 * Begins a night of a schedule, or lets it wait for the one that runs. What is asked of it holds
 * for this night alone. All times are those of the server's clock, so that it does not matter what
 * the clock of this machine shows. Errors: SCHEDULE_NOT_FOUND; TEMPORAL_UNAVAILABLE.
 */
export async function triggerNight(client: Client, name: string, request: NightRequest): Promise<void> {
  const existing = await findSchedule(client, name);
  const { record, begun } = existing;
  const isAsked = Object.keys(request).length > 0;
  if (!isAsked && existing.wishes.length === 0) return triggerUnasked(client, existing);
  const wishes = openWishes(existing.wishes, begun);
  const now = await serverTime(client, existing, wishes);
  const time = timeOfTrigger(now, { begun, wishes });
  if (isAsked) {
    const wish = { ...request, from: time, to: await lastTimeOfTrigger(client, existing, time) };
    await askOfNights(client, record, [...wishes, wish]);
  }
  // A server that names the night by its own clock names it so, too.
  await setTimeout(Math.max(0, time - now));
  await client.workflowService.patchSchedule({
    namespace: client.options.namespace,
    scheduleId: scheduleId(name),
    identity: client.options.identity,
    requestId: randomUUID(),
    patch: {
      triggerImmediately: {
        overlapPolicy: encodeScheduleOverlapPolicy(OVERLAP)!,
        scheduledTime: { seconds: Math.floor(time / 1000) as never },
      },
    },
  });
}

async function triggerUnasked(client: Client, { record, begun = 0 }: ExistingSchedule): Promise<void> {
  // Nights are named after their second, and no two may share a version.
  await setTimeout(Math.max(0, Math.min(MAX_WAIT_MS, begun + MAX_WAIT_MS - Date.now())));
  await client.schedule.getHandle(scheduleId(record.name)).trigger(OVERLAP);
}

/**
 * Returns what the clock of the server shows, in ms since the epoch. It says so only of the moment
 * at which it takes an update, which changes nothing here but that past requests are forgotten.
 */
async function serverTime(
  client: Client,
  { record, description }: ExistingSchedule,
  wishes: readonly NightWish[],
): Promise<number> {
  const before = (description.info.lastUpdatedAt ?? description.info.createdAt).getTime();
  await askOfNights(client, record, wishes);
  for (let waited = 0; waited < UPDATE_MS; waited += POLL_INTERVAL_MS) {
    const { info } = await client.schedule.getHandle(scheduleId(record.name)).describe();
    const at = info.lastUpdatedAt?.getTime() ?? before;
    if (at > before) return at;
    await setTimeout(POLL_INTERVAL_MS);
  }
  throw temporalUnavailable(`the Temporal server takes no change of the schedule ${record.name}`);
}

/**
 * Returns the last time by which a server may name the night that is triggered for `time`. No night
 * that the schedule itself begins has a time in between.
 */
async function lastTimeOfTrigger(
  client: Client,
  { record: { name, timing } }: ExistingSchedule,
  time: number,
): Promise<number> {
  const until = time + SERVER_TIME_MS;
  // The server lists times with what jitter adds to them.
  const others = { start: new Date(time + 2), end: new Date(until + timing.jitterMs) };
  return (await isNamed(client, name, others)) ? time : until;
}
