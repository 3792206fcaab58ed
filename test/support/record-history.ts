/**
 * Records the histories that the replay test replays: `npx tsx test/support/record-history.ts`,
 * with a Temporal dev server at TEMPORAL_ADDRESS. With the argument `int8` it records those of a
 * job in two passes, with `folds` that of such a job with so many ids and shards that they are
 * folded, with `merges` that of a job whose folded ids are merged, with `carry` those of a job that
 * carries rows over, with `forgotten` that of such a job whose plan another run forgets once, and
 * with `mining` that of a mining job. Run it only after a change of the workflows that is meant to
 * break running jobs.
 */
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ResolvedCounts } from '../../core/carry/resolved-documents.js';
import { withParent } from '../../core/job-spec.js';
import type { ShardTotals } from '../../core/progress.js';
import { GROUPS_A_MERGE, IDS_A_FOLD } from '../../core/shard-groups.js';
import {
  EMBED_JOB,
  MINE_JOB,
  type MineJobInput,
  miningWorkflowId,
  SIGNALS,
  workflowId,
} from '../../core/workflow-api.js';
import { exampleMiningRecord } from './mining-record.js';
import { orchestrationWorker, SHARD_TOTALS } from './orchestration.js';
import { type RecordedRun, saveHistories } from './save-histories.js';
import { testJob } from './test-job.js';

const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
const isFolded = process.argv[2] === 'folds';
const isRanged = process.argv[2] === 'int8' || isFolded;
const isMerged = process.argv[2] === 'merges';
const isMining = process.argv[2] === 'mining';
const isForgotten = process.argv[2] === 'forgotten';
const isCarrying = process.argv[2] === 'carry' || isForgotten;
const vectors = isRanged ? { vectors: { precision: 'int8' } } : {};
const plainJob = testJob('/corpora/recorded', { dataset: 'recorded', ...vectors });
const carry = { version: 'v0', manifestSha256: '0'.repeat(64), firstShard: 10 };
const job = isCarrying ? withParent(plainJob, { parent: 'v0', carry }) : plainJob;
const root = workflowId(job.spec);

const connection = await Connection.connect({ address });
const client = new Client({ connection, identity: 'recorder' });
/** Pauses once while shards are in flight, so that the histories contain a pause. */
let paused = false;
async function pauseOnce(shard: number): Promise<ShardTotals> {
  if (shard === (isCarrying ? 12 : 2) && !paused) {
    paused = true;
    await client.workflow.getHandle(root).signal(SIGNALS.pause);
    await client.workflow.getHandle(root).signal(SIGNALS.resume);
  }
  return { shards: 1, bytes: 100, documents: 10, chunks: 20, tokens: 200, rejects: {} };
}
let isKept = false;
async function forgottenOnce(): Promise<void> {
  if (!isKept) {
    isKept = true;
    throw ApplicationFailure.nonRetryable('is not the plan of this run', 'PLAN_FORGOTTEN');
  }
}
const RESOLVED: ResolvedCounts = {
  shards: 8,
  documents: 100,
  rejects: { DUPLICATE_ID: 1 },
  added: { documents: 5 },
  changed: { documents: 5 },
  known: 96,
  deleted: { documents: 1, chunks: 2 },
  deletedBelow: [{ prefix: 'file:///corpora/recorded/', documents: 1 }],
  carried: { documents: 90, chunks: 180 },
};
const worker = await orchestrationWorker(
  { address, namespace: 'default', identity: 'recorder' },
  isFolded ? 260 : isMerged ? 2 * GROUPS_A_MERGE + 4 : 6,
  {
    findDuplicates: async () => 2,
    // Two objects that have not changed must be read.
    ...(isCarrying && { resolveDocuments: async () => RESOLVED }),
    ...(isFolded && { scanShard: async () => ({ ...SHARD_TOTALS, documents: 20_000 }) }),
    ...(isForgotten && { keepPlan: forgottenOnce }),
    // A group has two shards.
    ...(isMerged && { scanShard: async () => ({ ...SHARD_TOTALS, documents: IDS_A_FOLD / 2 }) }),
    ...(isRanged
      ? { quantiseShard: (_, shard) => pauseOnce(shard) }
      : { embedShard: (_, shard) => pauseOnce(shard) }),
  },
);
await saveHistories(client, isMining ? await runMining() : await runEmbedding());
await worker.stop();
await connection.close();

/** Runs the job. Resolves to its workflows by the names of their histories. */
async function runEmbedding(): Promise<Record<string, RecordedRun>> {
  await client.workflow.execute(EMBED_JOB, { workflowId: root, taskQueue: 'control', args: [{ job }] });
  if (isFolded) return { 'embed-job-folds': { id: root } };
  if (isMerged) return { 'embed-job-merges': { id: root } };
  if (isForgotten) return { 'embed-job-forgotten-plan': { id: root } };
  if (isCarrying) return { 'embed-job-carry': { id: root }, 'lane-scan-carry': { id: `${root}/scan/16` } };
  return isRanged
    ? { 'embed-job-int8': { id: root }, 'lane-quantise': { id: `${root}/quantise/0` } }
    : {
        'embed-job': { id: root },
        'lane-scan': { id: `${root}/scan/0` },
        'lane-embed': { id: `${root}/embed/0` },
      };
}

/**
 * Runs a mining job of three stages that is continued as new once. Resolves as `runEmbedding` does.
 */
async function runMining(): Promise<Record<string, RecordedRun>> {
  const record = exampleMiningRecord('recorded', {
    crossEncoder: { model: 'none', top: 10, maxCrossScore: 0 },
  });
  const id = miningWorkflowId(record.spec);
  const handle = await client.workflow.start(MINE_JOB, {
    workflowId: id,
    taskQueue: 'control',
    args: [{ record, concurrency: 2, historyLimit: 60 } satisfies MineJobInput],
  });
  await handle.result();
  return { 'mine-job': { id, run: handle.firstExecutionRunId }, 'mine-job-continued': { id } };
}
