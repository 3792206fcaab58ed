import type { IndexJob, PublishedIndex, ShardOutcome } from '../core/index/index-job.js';
import { finishIndex, indexShard, planShards } from '../engine/steps/index-version.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type IndexActivities = ReturnType<typeof createIndexActivities>;

/**
 * Activities of the `index-cpu` queue: a graph each, built by threads of its own while this one
 * beats.
 */
export function createIndexActivities(tools: ActivityTools) {
  return {
    planShards: (job: IndexJob): Promise<{ shards: number; rows: number }> =>
      runStep(tools.draining, () => planShards(tools, job)),

    indexShard: (job: IndexJob, shard: number): Promise<ShardOutcome> =>
      runStep(tools.draining, (run) => indexShard(tools, job, shard, run)),

    finishIndex: (job: IndexJob): Promise<PublishedIndex> =>
      runStep(tools.draining, (run) => finishIndex(tools, job, run)),
  };
}
