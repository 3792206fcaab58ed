import type { IndexJob, PublishedIndex, ShardOutcome } from '../core/index/index-job.js';
import { finishIndex, indexShard, planIndexBuild } from '../engine/steps/index-version.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type IndexActivities = ReturnType<typeof createIndexActivities>;

/**
 * Returns the activities of the `index-cpu` queue. Each builds one graph in threads of its own
 * while the activity itself sends heartbeats.
 */
export function createIndexActivities(tools: ActivityTools) {
  return {
    planShards: (job: IndexJob): Promise<{ shards: number; rows: number }> =>
      runStep(tools.draining, (run) => planIndexBuild(tools, job, run)),

    indexShard: (job: IndexJob, shard: number): Promise<ShardOutcome> =>
      runStep(tools.draining, (run) => indexShard(tools, job, shard, run)),

    finishIndex: (job: IndexJob): Promise<PublishedIndex> =>
      runStep(tools.draining, (run) => finishIndex(tools, job, run)),
  };
}
