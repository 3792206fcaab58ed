/**
 * Records the histories that the replay test replays: `npx tsx test/support/record-history.ts`, with a Temporal dev
 * server at TEMPORAL_ADDRESS. Run it after a change of the workflows that is meant to break running jobs, and only then.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { EMBED_JOB, SIGNALS, workflowId } from '../../core/workflow-api.js';
import { orchestrationWorker } from './orchestration.js';
import { testJob } from './test-job.js';

const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
const folder = new URL('../fixtures/histories/', import.meta.url);
const job = testJob('/corpora/recorded', { dataset: 'recorded' });
const root = workflowId(job.spec);

const connection = await Connection.connect({ address });
const client = new Client({ connection, identity: 'recorder' });
let paused = false;
const worker = await orchestrationWorker({ address, namespace: 'default', identity: 'recorder' }, 6, {
  findDuplicates: async () => 2,
  embedShard: async (_, shard) => {
    // One pause while shards are in flight, so that it is in the histories.
    if (shard === 2 && !paused) {
      paused = true;
      await client.workflow.getHandle(root).signal(SIGNALS.pause);
      await client.workflow.getHandle(root).signal(SIGNALS.resume);
    }
    return { shards: 1, bytes: 100, documents: 10, chunks: 20, tokens: 200, rejects: {} };
  },
});
await client.workflow.execute(EMBED_JOB, { workflowId: root, taskQueue: 'control', args: [{ job }] });
mkdirSync(folder, { recursive: true });
for (const [name, id] of [
  ['embed-job', root],
  ['lane-scan', `${root}/scan/0`],
  ['lane-embed', `${root}/embed/0`],
] as const) {
  const history = await client.workflow.getHandle(id).fetchHistory();
  const text = JSON.stringify({ workflowId: id, history: JSON.parse(historyToJSON(history)) }, null, 1);
  writeFileSync(new URL(`${name}.json`, folder), `${text}\n`);
}
await worker.stop();
await connection.close();
