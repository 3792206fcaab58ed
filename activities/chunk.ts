import { Context } from '@temporalio/activity';
import type { BucketRange } from '../core/buckets.js';
import type { VersionLocation } from '../core/job-spec.js';
import type { ShardTotals } from '../core/progress.js';
import { chunkShard } from '../engine/steps/chunk-shard.js';
import { type FoldWork, foldShards } from '../engine/steps/fold-shards.js';
import { type MergeWork, mergeIds } from '../engine/steps/merge-ids.js';
import { quantiseShard } from '../engine/steps/quantise-shard.js';
import { scanShard } from '../engine/steps/scan-shard.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep, workflowRun } from './run-step.js';
import { shardTotalsOfActivity, withRetries } from './shard-totals.js';

export type ChunkActivities = ReturnType<typeof createChunkActivities>;

/**
 * Returns the activities of the `chunk-cpu` queue: reading, parsing, tokenising and quantising.
 * They need no model weights.
 */
export function createChunkActivities(tools: ActivityTools) {
  return {
    scanShard: (location: VersionLocation, shard: number): Promise<ShardTotals> =>
      runStep(tools.draining, async (run) => {
        const version = await tools.openVersion(location, workflowRun());
        const { shard: _, ...counts } = await scanShard(tools, version, shard, run);
        return shardTotalsOfActivity(version, shard, { ...counts, chunks: 0, tokens: 0 });
      }),

    chunkShard: (
      location: VersionLocation,
      shard: number,
      duplicates: readonly BucketRange[],
    ): Promise<{ retries: number }> =>
      runStep(tools.draining, async (run) => {
        await chunkShard(tools, await tools.openVersion(location, workflowRun()), { shard, duplicates }, run);
        return { retries: Context.current().info.attempt - 1 };
      }),

    foldShards: (location: VersionLocation, work: FoldWork): Promise<ShardTotals> =>
      runStep(tools.draining, async (run) => {
        const totals = await foldShards(await tools.openVersion(location, workflowRun()), work, run);
        return withRetries(totals);
      }),

    mergeIds: (location: VersionLocation, work: MergeWork): Promise<void> =>
      runStep(tools.draining, async (run) =>
        mergeIds(await tools.openVersion(location, workflowRun()), work, run),
      ),

    quantiseShard: (location: VersionLocation, shard: number): Promise<ShardTotals> =>
      runStep(tools.draining, async (run) => {
        const version = await tools.openVersion(location, workflowRun());
        return shardTotalsOfActivity(version, shard, await quantiseShard(tools, version, shard, run));
      }),
  };
}
