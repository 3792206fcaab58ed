import { isVectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import type { JobSummary } from '../../core/workflow-api.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { localTools } from '../../local/local-tools.js';
import { type LocalJob, runJobLocally } from '../../local/run-job.js';
import type { EndSignal, Interruption } from '../interruptible.js';
import type { JobObservation } from './observe-job.js';
import { showJobProgress } from './show-job-progress.js';

export type LocalEnd = { kind: 'done'; summary: JobSummary } | { kind: 'paused'; by: EndSignal | undefined };

/**
 * Runs a job in this process and shows its progress. The first interruption pauses the job once its
 * current parts are finished; the same command then continues it. Errors: the job's own.
 */
export async function runLocally(
  job: JobRecord,
  openStore: StoreOpener,
  { interruption: { signal, by }, json }: { interruption: Interruption; json: boolean },
): Promise<LocalEnd> {
  const { tools, close } = localTools({ openStore });
  const running = runJobLocally(job, tools, signal);
  const stopShowing = showJobProgress(async () => observationOf(running, signal), json);
  try {
    return { kind: 'done', summary: await running.done };
  } catch (error) {
    if (signal.aborted && isVectormillError(error) && error.code === 'CANCELLED')
      return { kind: 'paused', by: by() };
    throw error;
  } finally {
    await stopShowing();
    await close();
  }
}

/** The job as `status` would show it if it ran on Temporal. */
function observationOf(running: LocalJob, signal: AbortSignal): JobObservation {
  const { progress, stage, totals, positions, retries, lastFailure } = running.observe();
  return {
    status: 'RUNNING',
    isCancelling: false,
    stage,
    progress: { ...progress, paused: signal.aborted },
    totals,
    positions,
    retries,
    lastFailure,
    failure: undefined,
    unserved: [],
    at: Date.now(),
  };
}
