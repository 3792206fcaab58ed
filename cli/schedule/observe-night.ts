import {
  type Client,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { VectormillError } from '../../core/errors.js';
import { detailsOfFailure } from '../../core/failure.js';
import type { NightProgress, NightStep, NightSummary } from '../../core/schedule/night.js';
import { QUERIES } from '../../core/workflow-api.js';
import { errorMessage } from '../error-lines.js';
import { jobFailure } from '../job/job-failure.js';
import { observeJob, queryOrUndefined } from '../job/observe-job.js';
import { progressLine } from '../job/progress-line.js';
import { viewJob } from '../job/progress-tracker.js';

/** One night as seen from outside. Times are in ISO 8601. */
export interface NightObservation {
  /** The id of its workflow. Null for a night in this process. */
  workflowId: string | null;
  /**
   * The outcome of the night, or `running`. `cancelled`, `terminated` and `timed_out` come from
   * somebody's action.
   */
  state: 'running' | NightSummary['outcome'] | 'failed' | 'cancelled' | 'terminated' | 'timed_out';
  scheduledAt: string;
  startedAt: string;
  finishedAt: string | null;
  tookMs: number;
  /** The report of the night. Null where no worker answers, and where it ended without a report. */
  night: NightProgress | null;
  lineage: string | null;
  failure: { step: NightStep | null; code: string; message: string; remedy: string } | null;
  /** The progress line of `vectormill run`, while documents are embedded. */
  embedding: string | null;
}

/**
 * Returns the latest run of a night. Undefined where the server no longer has it. `view` turns an
 * observation of its embedding into rates. By default these are the rates since its phase began.
 */
export async function observeNight(
  client: Client,
  workflowId: string,
  view: typeof viewJob = viewJob,
): Promise<NightObservation | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  let description: WorkflowExecutionDescription;
  try {
    description = await handle.describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
  const { startTime, closeTime, searchAttributes, status } = description;
  const [scheduled] = searchAttributes.TemporalScheduledStartTime ?? [];
  const base = {
    workflowId,
    scheduledAt: (scheduled instanceof Date ? scheduled : startTime).toISOString(),
    startedAt: startTime.toISOString(),
    finishedAt: closeTime?.toISOString() ?? null,
    tookMs: (closeTime ?? new Date()).getTime() - startTime.getTime(),
    night: null,
    lineage: null,
    failure: null,
    embedding: null,
  };
  if (status.name === 'RUNNING')
    return { ...base, state: 'running', ...(await inProgress(client, handle, view)) };
  if (status.name === 'COMPLETED') {
    const { outcome, lineage, finishedAt: _, ...night } = (await handle.result()) as NightSummary;
    return { ...base, state: outcome, night, lineage };
  }
  const state = STATES[status.name] ?? 'failed';
  return { ...base, state, ...(state === 'failed' ? await failureOf(handle) : {}) };
}

const STATES: Readonly<Record<string, NightObservation['state']>> = {
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed_out',
};

async function inProgress(
  client: Client,
  handle: WorkflowHandle,
  view: typeof viewJob,
): Promise<Pick<NightObservation, 'night' | 'embedding'>> {
  const night = (await queryOrUndefined<NightProgress>(client, handle, QUERIES.progress)) ?? null;
  const running = night?.steps.find(({ state }) => state === 'running');
  if (running?.step !== 'embed' || running.workflowId === null) return { night, embedding: null };
  const job = client.workflow.getHandle(running.workflowId);
  const seen = await observeJob(client, job)
    .then(view)
    // The step's own workflow may not have been started yet.
    .catch(() => undefined);
  return { night, embedding: seen ? progressLine(seen) : null };
}

async function failureOf(handle: WorkflowHandle): Promise<Pick<NightObservation, 'night' | 'failure'>> {
  try {
    await handle.result();
  } catch (error) {
    const night = nightIn(error);
    const failure = jobFailure(error, 'night');
    const step = night?.steps.find(({ state }) => state === 'failed')?.step ?? null;
    if (failure instanceof VectormillError)
      return {
        night,
        failure: { step, code: failure.code, message: errorMessage(failure), remedy: failure.remedy },
      };
  }
  return { night: null, failure: null };
}

/** Returns the progress of the night, as its failure records it. */
function nightIn(error: unknown): NightProgress | null {
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) return null;
  return detailsOfFailure(error.cause).night ?? null;
}
