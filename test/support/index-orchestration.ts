import { NativeConnection, Worker } from '@temporalio/worker';
import type { IndexActivities } from '../../activities/index-version.js';
import { workflowsPath } from './orchestration.js';

/** A worker that orchestrates index builds of `shards` shards of 10 rows, whose activities answer at once. */
export async function indexOrchestrationWorker(
  at: { address: string; namespace: string; identity?: string },
  shards: number,
  more: Partial<IndexActivities> = {},
): Promise<{ stop(): Promise<void> }> {
  const activities: IndexActivities = {
    planShards: async () => ({ shards, rows: 10 * shards }),
    indexShard: async (_, shard) => ({ rows: 10, reused: shard % 2 === 0 }),
    finishIndex: async ({ name }) => ({
      name,
      kind: 'hnsw',
      rows: 10 * shards,
      bytes: 1,
      recall: 1,
      buildSeconds: 1,
    }),
    ...more,
  };
  const connection = await NativeConnection.connect({ address: at.address });
  const options = { connection, namespace: at.namespace, ...(at.identity ? { identity: at.identity } : {}) };
  const workers = [
    await Worker.create({ ...options, taskQueue: 'control', workflowsPath, activities: {} }),
    await Worker.create({ ...options, taskQueue: 'index-cpu', activities }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
