import type { IndexActivities } from '../../activities/index-version.js';
import { orchestrationWorker } from './orchestration.js';

/**
 * Starts a worker that orchestrates index builds of `shards` shards of 10 rows, whose activities
 * answer at once.
 */
export function indexOrchestrationWorker(
  at: { address: string; namespace: string; identity?: string },
  shards: number,
  more: Partial<IndexActivities> = {},
): Promise<{ stop(): Promise<void> }> {
  return orchestrationWorker(at, shards, {
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
  });
}
