import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import { assertSendable } from '../../core/message-size.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import {
  MINE_JOB,
  type MineJobInput,
  type MiningProgress,
  miningWorkflowId,
  QUERIES,
} from '../../core/workflow-api.js';
import { finishMining } from '../../engine/mining/finish-mining.js';
import { assertSameRecord } from '../../engine/mining/mining-identity.js';
import type { MiningReport } from '../../engine/mining/mining-report.js';
import type { Mining, MiningTools } from '../../engine/mining/open-mining.js';
import { type MiningPhase, minedReport, planMining } from '../../engine/mining/plan-mining.js';
import { awaitWorkflow } from '../job/await-workflow.js';
import { assertLetIn, withTemporal } from '../job/connect.js';

export interface WorkerMiningOptions {
  /** The number of shards that may be in flight. */
  concurrency: number;
  /** Aborting it ends the wait; the workflow goes on. */
  signal: AbortSignal;
  onProgress(phase: MiningPhase, done: number, total: number): void;
}

/**
 * Runs the mining workflow, or attaches to it where it already runs, and waits for its end. What
 * cannot be done is refused by this process, with `tools`, before any worker is involved. Resolves
 * to undefined where the signal ended the wait. Errors: TEMPORAL_UNAVAILABLE; VERSION_CONFLICT
 * where another job runs under the same name; those of `planMining`; the error with which the
 * workflow failed.
 */
export async function mineOnWorkers(
  tools: MiningTools,
  mining: Mining,
  record: MiningRecord,
  { concurrency, signal, onProgress }: WorkerMiningOptions,
): Promise<MiningReport | undefined> {
  const existing = await minedReport(mining, record);
  if (existing) return existing;
  assertSendable(record, { what: 'the mining job' });
  return withTemporal(async (client) => {
    await assertLetIn(client);
    await planMining(tools, mining, record, { signal, onProgress: () => {} });
    const handle = await startMining(client, mining, { record, concurrency });
    const ask = async () => {
      const progress = await handle.query<MiningProgress>(QUERIES.progress);
      if (progress.stage !== 'finishing' && !signal.aborted)
        onProgress(progress.stage, progress.done, progress.shards);
    };
    const end = await awaitWorkflow(client, handle, { signal, ask });
    return end && finishMining(mining);
  });
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
