import type { MiningRecord } from '../../core/mining/mining-spec.js';
import {
  MINE_JOB,
  type MineJobInput,
  type MiningProgress,
  miningWorkflowId,
  QUERIES,
} from '../../core/workflow-api.js';
import { finishMining, type MiningReport } from '../../engine/mining/finish-mining.js';
import type { MiningPhase } from '../../engine/mining/mine.js';
import type { Mining } from '../../engine/mining/open-mining.js';
import { withTemporal } from '../job/connect.js';
import { jobFailure } from '../job/job-failure.js';

/** Between two questions for progress, ms. */
const POLL_MS = 1000;

export interface WorkerMiningOptions {
  /** Shards in flight. */
  concurrency: number;
  onProgress(phase: MiningPhase, done: number, total: number): void;
  /** Refuses what cannot be done, and writes the plan, before workers hear of it. */
  plan(): Promise<unknown>;
}

/**
 * Runs the mining workflow, or attaches to it where it runs already, and waits for its end.
 * Errors: TEMPORAL_UNAVAILABLE; those of `plan`; what the workflow failed with.
 */
export async function mineOnWorkers(
  mining: Mining,
  record: MiningRecord,
  { concurrency, onProgress, plan }: WorkerMiningOptions,
): Promise<MiningReport> {
  return withTemporal(async (client) => {
    await plan();
    const handle = await client.workflow.start<(input: MineJobInput) => Promise<unknown>>(MINE_JOB, {
      workflowId: miningWorkflowId(record.spec),
      taskQueue: 'control',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [{ record, concurrency }],
    });
    const poll = setInterval(() => {
      handle
        .query<MiningProgress>(QUERIES.progress)
        .then(({ stage, done, shards }) => {
          if (stage !== 'finishing') onProgress(stage, done, shards);
        })
        // A worker that is starting, or the workflow's end: the result says what became of it.
        .catch(() => undefined);
    }, POLL_MS);
    try {
      await handle.result();
    } catch (error) {
      throw jobFailure(error);
    } finally {
      clearInterval(poll);
    }
    return finishMining(mining);
  });
}
