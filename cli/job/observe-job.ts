import type { Client, WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';

import {
  type ActivityPosition,
  addShardTotals,
  NO_SHARD_TOTALS,
  type ShardTotals,
} from '../../core/progress.js';
import type { EmbedQueue, Queue } from '../../core/queues.js';
import { type JobProgress, type LaneFailure, type LaneProgress, QUERIES } from '../../core/workflow-api.js';
import { errorMessage } from '../error-lines.js';
import { activityPositions } from './activity-positions.js';
import { messageOfFailure } from './decode-payload.js';
import { queueOf, unservedQueues } from './served-queues.js';

/**
 * The time that a worker may take to answer a query before the display continues without the
 * answer, in ms.
 */
const QUERY_TIMEOUT_MS = 1500;

/** A job as seen from outside at one moment. */
export interface JobObservation {
  /** Temporal's name for the state: RUNNING, COMPLETED, FAILED, CANCELLED, … */
  status: string;
  /** Whether somebody has asked it to end, and it is ending. */
  isCancelling: boolean;
  /** The stage of its lanes, where there are any. */
  stage: 'scan' | 'embed' | 'quantise' | undefined;
  /** Undefined while no worker answers. */
  progress: JobProgress | undefined;
  /**
   * The finished shards of the current phase. Undefined while no worker answers for some of them.
   */
  totals: ShardTotals | undefined;
  /** The positions of the running activities. */
  positions: readonly ActivityPosition[];
  /** The number of attempts beyond the first that this run has taken, as far as is known. */
  retries: number;
  /** The latest failed attempt among the activities now running, and its worker if it is known. */
  lastFailure: string | undefined;
  /** The failure with which the job will end once the shards in flight have stopped. */
  failure: LaneFailure | undefined;
  /** Queues that have waiting work and that no worker serves. */
  unserved: readonly Queue[];
  /** The time at which the job was observed, in ms since the epoch. */
  at: number;
}

/**
 * Asks the root workflow and each of its lanes at the same time. It also asks Temporal for the
 * positions of the activities, which Temporal knows even if no worker answers. It never throws
 * because a worker does not answer.
 */
export async function observeJob(client: Client, handle: WorkflowHandle): Promise<JobObservation> {
  const root = await handle.describe();
  const isRunning = root.status.name === 'RUNNING';
  const children = (root.raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? []);
  const [progress, ...lanes] = await Promise.all([
    isRunning ? queryOrUndefined<JobProgress>(client, handle, QUERIES.progress) : undefined,
    ...children.map((id) => observeLane(client, id)),
  ]);
  const pending = [root, ...lanes.map(({ description }) => description)].flatMap(
    (description) => description?.raw.pendingActivities ?? [],
  );
  const attempts = pending.reduce((sum, { attempt }) => sum + Math.max(0, (attempt ?? 1) - 1), 0);
  const totals = progress && totalsOf(progress, lanes);
  const positions = await Promise.all(
    lanes.map(({ description }) => (description ? activityPositions(client, description) : [])),
  );
  return {
    status: root.status.name,
    isCancelling: isRunning && isCancelling(root),
    stage: stageOf(children[0]),
    progress,
    totals,
    positions: positions.flat(),
    retries: attempts + (totals?.retries ?? 0) + (progress?.retries ?? 0),
    lastFailure: await lastFailureOf(client, pending),
    failure: lanes.find(({ answer }) => answer?.failure)?.answer?.failure,
    unserved: isRunning
      ? await unservedQueues(client, waitingIn(pending, { root, isAnswered: progress !== undefined }))
      : [],
    at: Date.now(),
  };
}

/** Returns whether somebody has asked a running workflow to end. */
export function isCancelling({ raw }: WorkflowExecutionDescription): boolean {
  return raw.workflowExtendedInfo?.cancelRequested === true;
}

/** Returns the stage of a lane, which its id names before its number. */
function stageOf(lane: string | undefined): JobObservation['stage'] {
  return /\/(scan|embed|quantise)\/\d+$/.exec(lane ?? '')?.[1] as JobObservation['stage'];
}

interface LaneObservation {
  answer: LaneProgress | undefined;
  description: WorkflowExecutionDescription | undefined;
}

async function observeLane(client: Client, id: string): Promise<LaneObservation> {
  const handle = client.workflow.getHandle(id);
  const [answer, description] = await Promise.all([
    queryOrUndefined<LaneProgress>(client, handle, QUERIES.laneProgress),
    handle.describe().catch(() => undefined),
  ]);
  return { answer, description };
}

function totalsOf({ ended }: JobProgress, lanes: readonly LaneObservation[]): ShardTotals {
  return lanes.reduce((sum, { answer }) => addShardTotals(sum, answer?.totals ?? NO_SHARD_TOTALS), ended);
}

type PendingActivities = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>;

/**
 * Temporal names the worker of the last attempt. While an activity waits for its next attempt, that
 * is the one that failed; afterwards it is the one that tries again, which has not failed.
 */
export async function lastFailureOf(
  client: Pick<Client, 'options'>,
  pending: PendingActivities,
): Promise<string | undefined> {
  const failed = pending.find(({ lastFailure }) => lastFailure);
  const message = failed?.lastFailure && (await messageOfFailure(client, failed.lastFailure));
  if (!message) return undefined;
  const worker = failed.state === SCHEDULED ? failed.lastWorkerIdentity : undefined;
  return errorMessage({ message, worker: worker || undefined });
}

/** Returns the queues in which tasks wait and have not been taken. */
function waitingIn(
  pending: PendingActivities,
  { root, isAnswered }: { root: WorkflowExecutionDescription; isAnswered: boolean },
): Queue[] {
  const { job } = (root.memo ?? {}) as { job?: { spec?: { limits?: { queue?: EmbedQueue } } } };
  const queues = pending.map(({ activityType, state }) => ({
    queue: queueOf(activityType?.name ?? '', job?.spec?.limits?.queue),
    isTaken: state !== SCHEDULED,
  }));
  const taken = new Set(queues.filter(({ isTaken }) => isTaken).map(({ queue }) => queue));
  const waiting = new Set(queues.map(({ queue }) => queue).filter((queue) => !taken.has(queue)));
  if (!isAnswered) waiting.add('control');
  return [...waiting];
}

/** Temporal's number for the state of an activity that no worker has taken. */
const SCHEDULED = 1;

/** Returns a workflow's answer to a query. Undefined where no worker answers in time. */
export async function queryOrUndefined<T>(
  client: Client,
  handle: WorkflowHandle,
  query: string,
): Promise<T | undefined> {
  try {
    return await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.query<T>(query));
  } catch {
    return undefined;
  }
}
