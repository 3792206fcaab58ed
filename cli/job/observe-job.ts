import type { Client, WorkflowHandle } from '@temporalio/client';

import { type ActivityPosition, addTotals, NO_TOTALS, type ShardTotals } from '../../core/progress.js';
import { type JobProgress, type LaneProgress, QUERIES } from '../../core/workflow-api.js';
import { activityPositions } from './activity-positions.js';

/** How long a worker may take to answer a query before the display goes on without it, ms. */
const QUERY_TIMEOUT_MS = 3000;

/** A job as seen from outside at one moment. */
export interface JobObservation {
  /** Temporal's name of the state: RUNNING, COMPLETED, FAILED, CANCELLED, … */
  status: string;
  /** Undefined while no worker answers. */
  progress: JobProgress | undefined;
  /** Finished shards of the current phase. */
  totals: ShardTotals;
  /** Where the running activities are. */
  positions: readonly ActivityPosition[];
  /** Attempts beyond the first of the activities now running. */
  retries: number;
  /** Code and message of the latest failed attempt among them. */
  lastFailure: string | undefined;
}

/** Asks the root workflow and each of its lanes. Never throws for a worker that does not answer. */
export async function observeJob(client: Client, handle: WorkflowHandle): Promise<JobObservation> {
  const { status } = await handle.describe();
  const progress = await ask<JobProgress>(client, handle, QUERIES.progress);
  const lanes = await Promise.all((progress?.lanes ?? []).map((id) => observeLane(client, id)));
  return {
    status: status.name,
    progress,
    totals: lanes.reduce((sum, { totals }) => addTotals(sum, totals), progress?.ended ?? NO_TOTALS),
    positions: lanes.flatMap(({ positions }) => positions),
    retries: lanes.reduce((sum, { retries }) => sum + retries, 0),
    lastFailure: lanes.find(({ lastFailure }) => lastFailure)?.lastFailure,
  };
}

async function observeLane(client: Client, id: string) {
  const handle = client.workflow.getHandle(id);
  const [answer, description] = await Promise.all([
    ask<LaneProgress>(client, handle, QUERIES.laneProgress),
    handle.describe().catch(() => undefined),
  ]);
  const pending = description?.raw.pendingActivities ?? [];
  return {
    totals: answer?.totals ?? NO_TOTALS,
    positions: description ? activityPositions(description) : [],
    retries: pending.reduce((sum, { attempt }) => sum + Math.max(0, (attempt ?? 1) - 1), 0),
    lastFailure: pending.find(({ lastFailure }) => lastFailure)?.lastFailure?.message ?? undefined,
  };
}

/** What a workflow answers to a query; undefined where no worker answers in time. */
export async function ask<T>(client: Client, handle: WorkflowHandle, query: string): Promise<T | undefined> {
  try {
    return await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.query<T>(query));
  } catch {
    return undefined;
  }
}
