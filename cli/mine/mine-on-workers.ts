import { setTimeout } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import {
  MINE_JOB,
  type MineJobInput,
  type MiningProgress,
  miningWorkflowId,
  QUERIES,
} from '../../core/workflow-api.js';
import type { MiningPhase } from '../../engine/mining/mine.js';
import { assertSameRecord } from '../../engine/mining/mining-identity.js';
import type { Mining } from '../../engine/mining/open-mining.js';
import { withTemporal } from '../job/connect.js';
import { jobFailure } from '../job/job-failure.js';

/** Between two questions for progress, ms. */
const POLL_MS = 1000;
/** How long a worker may take to answer, ms. */
const QUERY_TIMEOUT_MS = 3000;

export interface WorkerMiningOptions {
  /** Shards in flight. */
  concurrency: number;
  /** Aborted: stop waiting; the workflow goes on. */
  signal: AbortSignal;
  onProgress(phase: MiningPhase, done: number, total: number): void;
  /** Refuses what cannot be done, and writes the plan, before workers hear of it. */
  plan(): Promise<unknown>;
}

/**
 * Runs the mining workflow, or attaches to it where it runs already, and waits for its end; resolves to false where the
 * signal ended the wait. Errors: TEMPORAL_UNAVAILABLE; VERSION_CONFLICT where another job runs under the name; those of
 * `plan`; what the workflow failed with.
 */
export async function mineOnWorkers(
  mining: Mining,
  record: MiningRecord,
  { concurrency, signal, onProgress, plan }: WorkerMiningOptions,
): Promise<boolean> {
  return withTemporal(async (client) => {
    await plan();
    const handle = await startMining(client, mining, { record, concurrency });
    const stopPolling = pollProgress(client, handle, onProgress);
    try {
      await client.withAbortSignal(signal, () => handle.result());
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw jobFailure(error);
    } finally {
      await stopPolling();
    }
  });
}

/** Asks for progress until the returned function is called, which waits for the last answer. */
function pollProgress(
  client: Client,
  handle: WorkflowHandle,
  onProgress: WorkerMiningOptions['onProgress'],
): () => Promise<void> {
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      // A worker that is starting, or the workflow's end, gives no answer: the result says what became of it.
      const progress = await client
        .withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.query<MiningProgress>(QUERIES.progress))
        .catch(() => undefined);
      if (progress && progress.stage !== 'finishing' && !stopped.signal.aborted)
        onProgress(progress.stage, progress.done, progress.shards);
      await setTimeout(POLL_MS, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return async () => {
    stopped.abort();
    await loop;
  };
}

async function startMining(client: Client, mining: Mining, input: MineJobInput): Promise<WorkflowHandle> {
  const workflowId = miningWorkflowId(input.record.spec);
  try {
    return await client.workflow.start<(input: MineJobInput) => Promise<unknown>>(MINE_JOB, {
      workflowId,
      taskQueue: 'control',
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      memo: { record: input.record },
      args: [input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const handle = client.workflow.getHandle(workflowId);
    const { memo } = await handle.describe();
    assertSameRecord(mining, input.record, memo?.record as MiningRecord);
    return handle;
  }
}
