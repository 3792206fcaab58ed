import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { JobSummary } from '../../core/workflow-api.js';
import type { EndSignal, Interruption } from '../interruptible.js';
import { liveLine } from '../live-line.js';
import { jobFailure } from './job-failure.js';
import { observeJob } from './observe-job.js';
import { progressLine } from './progress-line.js';
import { ProgressTracker } from './progress-tracker.js';
import { untilAborted } from './until-aborted.js';

/**
 * The time between two observations of the job, in ms: on a terminal, and in a log, where each is
 * one line.
 */
const TERMINAL_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 5000;

export type WatchEnd =
  | { kind: 'done'; summary: JobSummary }
  | { kind: 'detached'; by: EndSignal | undefined };

/**
 * Shows a job's progress on stderr until it ends, or until the wait is interrupted, which leaves
 * the job running. Errors: the job's own.
 */
export async function watchJob(
  client: Client,
  handle: WorkflowHandle,
  { interruption: { signal, by }, json }: { interruption: Interruption; json: boolean },
): Promise<WatchEnd> {
  const stopShowing = showProgress(client, handle, json);
  try {
    // A poll that is still open when the connection closes would fail after the command has printed
    // its last line.
    const summary = await untilAborted(client, signal, () => handle.result());
    return { kind: 'done', summary: summary as JobSummary };
  } catch (error) {
    if (signal.aborted) return { kind: 'detached', by: by() };
    throw jobFailure(error);
  } finally {
    await stopShowing();
  }
}

/** Starts to show progress. The returned function stops it. */
function showProgress(client: Client, handle: WorkflowHandle, json: boolean): () => Promise<void> {
  const spinner = json ? undefined : liveLine()?.start('starting');
  const tracker = new ProgressTracker();
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      const observation = await untilAborted(client, stopped.signal, () => observeJob(client, handle)).catch(
        () => undefined,
      );
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

/** Waits, or returns early when it is stopped. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}
