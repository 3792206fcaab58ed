import { setTimeout } from 'node:timers/promises';
import { liveLine } from '../live-line.js';
import type { JobObservation } from './observe-job.js';
import { progressLine } from './progress-line.js';
import { ProgressTracker } from './progress-tracker.js';

/**
 * The times between two observations of the job, in ms: on a terminal, and in a log with a line for
 * each.
 */
const TERMINAL_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 5000;

/**
 * Shows a job's progress on stderr, with `json` as a JSON document a line, until the returned
 * function is called. An observation that fails is left out.
 */
export function showJobProgress(
  observe: (stopped: AbortSignal) => Promise<JobObservation>,
  json: boolean,
): () => Promise<void> {
  const spinner = json ? undefined : liveLine()?.start('starting');
  const tracker = new ProgressTracker();
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      const observation = await observe(stopped.signal).catch(() => undefined);
      if (stopped.signal.aborted) return;
      if (observation) {
        const view = tracker.view(observation, performance.now());
        if (spinner) spinner.text = progressLine(view);
        else console.error(json ? JSON.stringify({ progress: view }) : progressLine(view));
      }
      await pause(spinner ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS, stopped.signal);
    }
  })();
  return async () => {
    stopped.abort();
    spinner?.stop();
    await loop;
  };
}

/** Waits, or returns early when stopped. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}
