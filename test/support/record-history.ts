/**
 * Records the histories that the replay test replays: `npx tsx test/support/record-history.ts`, with a Temporal dev
 * server at TEMPORAL_ADDRESS; with the argument `int8`, those of a job in two passes. Run it after a change of the workflows
 * that is meant to break running jobs, and only then.
 */
import { Client, Connection } from '@temporalio/client';
import type { ShardTotals } from '../../core/progress.js';
import { EMBED_JOB, SIGNALS, workflowId } from '../../core/workflow-api.js';
import { orchestrationWorker } from './orchestration.js';
import { saveHistories } from './save-histories.js';
import { testJob } from './test-job.js';

const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
const isRanged = process.argv[2] === 'int8';
const vectors = isRanged ? { vectors: { precision: 'int8' } } : {};
const job = testJob('/corpora/recorded', { dataset: 'recorded', ...vectors });
const root = workflowId(job.spec);

const connection = await Connection.connect({ address });
const client = new Client({ connection, identity: 'recorder' });
/** One pause while shards are in flight, so that it is in the histories. */
let paused = false;
async function pauseOnce(shard: number): Promise<ShardTotals> {
  if (shard === 2 && !paused) {
    paused = true;
    await client.workflow.getHandle(root).signal(SIGNALS.pause);
    await client.workflow.getHandle(root).signal(SIGNALS.resume);
  }
  return { shards: 1, bytes: 100, documents: 10, chunks: 20, tokens: 200, rejects: {} };
}
const worker = await orchestrationWorker({ address, namespace: 'default', identity: 'recorder' }, 6, {
  findDuplicates: async () => 2,
  ...(isRanged
    ? { quantiseShard: (_, shard) => pauseOnce(shard) }
    : { embedShard: (_, shard) => pauseOnce(shard) }),
});
await client.workflow.execute(EMBED_JOB, { workflowId: root, taskQueue: 'control', args: [{ job }] });
const recorded = isRanged
  ? { 'embed-job-int8': root, 'lane-quantise': `${root}/quantise/0` }
  : { 'embed-job': root, 'lane-scan': `${root}/scan/0`, 'lane-embed': `${root}/embed/0` };
await saveHistories(client, recorded);
await worker.stop();
await connection.close();
