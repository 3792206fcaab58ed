import type { VersionLocation } from '../core/job-spec.js';
import type { ShardTotals } from '../core/progress.js';
import { embedShard } from '../engine/steps/embed-shard.js';
import { computeProbe } from '../engine/steps/write-manifest.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep, workflowRun } from './run-step.js';
import { shardTotalsOfActivity } from './shard-totals.js';

export type EmbedActivities = ReturnType<typeof createEmbedActivities>;

/** Returns the activities of the `embed-*` queues: everything that needs the model. */
export function createEmbedActivities(tools: ActivityTools) {
  return {
    embedShard: (location: VersionLocation, shard: number): Promise<ShardTotals> =>
      runStep(tools.draining, async (run) => {
        const version = await tools.openVersion(location, workflowRun());
        return shardTotalsOfActivity(version, shard, await embedShard(tools, version, shard, run));
      }),

    computeProbe: (location: VersionLocation): Promise<void> =>
      runStep(tools.draining, async () => computeProbe(tools, await tools.openVersion(location))),
  };
}
