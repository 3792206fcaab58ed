import type { Client, WorkflowHandle } from '@temporalio/client';
import type { JobSummary } from '../../core/workflow-api.js';
import type { EndSignal, Interruption } from '../interruptible.js';
import { jobFailure } from './job-failure.js';
import { observeJob } from './observe-job.js';
import { showJobProgress } from './show-job-progress.js';
import { untilAborted } from './until-aborted.js';

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
  const stopShowing = showJobProgress(
    (stopped) => untilAborted(client, stopped, () => observeJob(client, handle)),
    json,
  );
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
