import { setTimeout } from 'node:timers/promises';
import type { ScheduleHandle } from '@temporalio/client';
import type { NightObservation } from './observe-night.js';

/** After its failure, a night's second report has come in by then, ms. */
const RECENT_MS = 60_000;
/** As long as a second report is waited for, ms. */
const WATCHED_MS = 3000;
const BETWEEN_LOOKS_MS = 250;

/** What Temporal's own pauses are noted as. */
const AFTER_FAILURE = /^paused due to workflow /;

/**
 * Lets nights begin again, and sees for three seconds that it stays so where the last one has just
 * failed: the server hears of a failure when somebody asks for the schedule and once more when its
 * own watch of the night returns, and pauses each time (`processWatcherResult` in
 * temporalio/temporal, service/worker/scheduler). A pause by a person stays.
 */
export async function resumeSchedule(
  handle: ScheduleHandle,
  last: NightObservation | null,
  now = Date.now(),
): Promise<void> {
  const resume = () => handle.unpause('resumed with `vectormill schedule resume`');
  await resume();
  if (last?.state !== 'failed' || now - Date.parse(last.finishedAt ?? '') > RECENT_MS) return;
  for (let watched = 0; watched < WATCHED_MS; watched += BETWEEN_LOOKS_MS) {
    await setTimeout(BETWEEN_LOOKS_MS);
    const { state } = await handle.describe();
    if (state.paused && AFTER_FAILURE.test(state.note ?? '')) await resume();
  }
}
