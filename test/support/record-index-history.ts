/**
 * Records the history of an index build that the replay test replays. It has more shards than are
 * in flight at once. Usage: `npx tsx test/support/record-index-history.ts`, with a Temporal dev
 * server at TEMPORAL_ADDRESS.
 */
import { Client, Connection } from '@temporalio/client';
import type { IndexJob } from '../../core/index/index-job.js';
import { BUILD_INDEX, indexWorkflowId } from '../../core/workflow-api.js';
import { indexOrchestrationWorker } from './index-orchestration.js';
import { saveHistories } from './save-histories.js';

const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
const connection = await Connection.connect({ address });
const client = new Client({ connection, identity: 'recorder' });
const location = { output: 'file:///recorded', dataset: 'recorded', version: 'v1' };
const job: IndexJob = { location, name: 'main', request: { metric: 'cosine', recallTarget: 0.95 } };
const workflowId = indexWorkflowId(job);
const worker = await indexOrchestrationWorker({ address, namespace: 'default', identity: 'recorder' }, 40);
await client.workflow.execute(BUILD_INDEX, { workflowId, taskQueue: 'control', args: [{ job }] });
await saveHistories(client, { 'build-index': { id: workflowId } });
await worker.stop();
await connection.close();
