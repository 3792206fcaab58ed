import type { IndexJob, IndexSummary } from '../core/index/index-job.js';
import { countIndexShards, finishIndex, indexShard } from '../engine/steps/index-version.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type IndexActivities = ReturnType<typeof createIndexActivities>;

/** Activities of the `index-cpu` queue: a graph each, built by a thread of its own while this one beats. */
export function createIndexActivities(tools: ActivityTools) {
  return {
    countIndexShards: (job: IndexJob): Promise<number> =>
      runStep(tools.draining, () => countIndexShards(tools, job)),

    indexShard: (job: IndexJob, shard: number): Promise<number> =>
      runStep(tools.draining, (run) => indexShard(tools, job, shard, run)),

    finishIndex: (job: IndexJob): Promise<IndexSummary> =>
      runStep(tools.draining, (run) => finishIndex(tools, job, run)),
  };
}
