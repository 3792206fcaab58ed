import { setTimeout } from 'node:timers/promises';
import type { ScheduleHandle } from '@temporalio/client';
import type { NightObservation } from './observe-night.js';

/** The second report of a night's failure arrives within this many ms. */
const RECENT_MS = 60_000;
/** The time for which the command waits for a second report, in ms. */
const WATCHED_MS = 3000;
const POLL_INTERVAL_MS = 250;

/** The note of a pause that Temporal itself makes. */
const AFTER_FAILURE = /^paused due to workflow /;

/**
 * Lets nights begin again. Where the last night has just failed, it makes sure for three seconds
 * that the schedule stays resumed. The server learns of a failure when somebody asks for the
 * schedule, and again when its own watch of the night returns, and it pauses the schedule each time
 * (`processWatcherResult` in temporalio/temporal, service/worker/scheduler). A pause by a person is
 * kept.
 */
export async function resumeSchedule(
  handle: ScheduleHandle,
  last: NightObservation | null,
  now = Date.now(),
): Promise<void> {
  const resume = () => handle.unpause('resumed with `vectormill schedule resume`');
  await resume();
  if (last?.state !== 'failed' || now - Date.parse(last.finishedAt ?? '') > RECENT_MS) return;
  for (let watched = 0; watched < WATCHED_MS; watched += POLL_INTERVAL_MS) {
    await setTimeout(POLL_INTERVAL_MS);
    const { state } = await handle.describe();
    if (state.paused && AFTER_FAILURE.test(state.note ?? '')) await resume();
  }
}
