import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import ora from 'ora';
import type { JobSummary } from '../../core/workflow-api.js';
import { jobFailure } from './job-failure.js';
import { observeJob } from './observe-job.js';
import { ProgressTracker, progressLine } from './progress-line.js';

/** Between two looks at the job, ms: on a terminal, and where each look is a line of a log. */
const TERMINAL_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 5000;

export type WatchEnd = { kind: 'done'; summary: JobSummary } | { kind: 'detached' };

/**
 * Shows a job's progress on stderr until it ends or the user detaches with Ctrl-C, which leaves the job running.
 * Errors: the job's own.
 */
export async function watchJob(client: Client, handle: WorkflowHandle, json: boolean): Promise<WatchEnd> {
  const detach = new AbortController();
  const onInterrupt = () => detach.abort();
  process.once('SIGINT', onInterrupt);
  // A poll that outlived the connection would fail after the command has said goodbye.
  const ended = client
    .withAbortSignal(detach.signal, () => handle.result())
    .then(
      (summary) => ({ kind: 'done', summary: summary as JobSummary }) as const,
      (error: unknown) => ({ kind: 'failed', error: jobFailure(error) }) as const,
    );
  const detached = new Promise<{ kind: 'detached' }>((resolve) => {
    detach.signal.addEventListener('abort', () => resolve({ kind: 'detached' }));
  });
  const stopShowing = showProgress(client, handle, json);
  try {
    const end = await Promise.race([ended, detached]);
    if (end.kind === 'failed') throw end.error;
    return end;
  } finally {
    await stopShowing();
    process.off('SIGINT', onInterrupt);
  }
}

/** Starts showing progress; the returned function stops it. */
function showProgress(client: Client, handle: WorkflowHandle, json: boolean): () => Promise<void> {
  const terminal = process.stderr.isTTY === true && !json;
  const spinner = terminal
    ? ora({ stream: process.stderr, discardStdin: false }).start('starting')
    : undefined;
  const tracker = new ProgressTracker();
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      const observation = await observeJob(client, handle).catch(() => undefined);
      if (stopped.signal.aborted) return;
      if (observation) {
        const view = tracker.view(observation, performance.now());
        if (spinner) spinner.text = progressLine(view);
        else console.error(json ? JSON.stringify({ progress: view }) : progressLine(view));
      }
      await pause(terminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS, stopped.signal);
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
