import { jobOfMinedVersion, plannedCrossEncoder } from '../core/mining/mining-models.js';
import type { MiningRecord } from '../core/mining/mining-spec.js';
import { pinOfMining } from '../core/retention/job-pins.js';
import { isMined } from '../engine/mining/checkpoints.js';
import { findCandidates } from '../engine/mining/find-candidates.js';
import { finishMining } from '../engine/mining/finish-mining.js';
import { type Mining, type MiningRun, type MiningTools, openMining } from '../engine/mining/open-mining.js';
import { planQueries } from '../engine/mining/plan-queries.js';
import { rescoreShard } from '../engine/mining/rescore-shard.js';
import { writeShard } from '../engine/mining/write-shard.js';
import type { StepRun } from '../engine/steps/step-context.js';
import { pinVersions, unpin } from '../engine/version/pins.js';
import { resolveVersion } from '../engine/version/resolve-version.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type MineActivities = ReturnType<typeof createMineActivities>;
export type RescoreActivities = ReturnType<typeof createRescoreActivities>;

/**
 * Returns the activities of the `mine-cpu` queue. They hold a block of the version's vectors, and
 * need its model.
 */
export function createMineActivities(tools: ActivityTools) {
  return {
    planQueries: (record: MiningRecord): Promise<{ shards: number; isMined: boolean }> =>
      runStep(tools.draining, async (run) => {
        const opened = await open(tools, record);
        await pinVersions(opened.store, { ...pinOfMining(record.spec), owner: run.owner });
        const { counts } = await planQueries(withVersionModel(tools, record), opened, record, silent(run));
        return { shards: counts.shards, isMined: await isMined(opened) };
      }),

    findCandidates: (record: MiningRecord, shard: number): Promise<void> =>
      runStep(tools.draining, async (run) =>
        findCandidates(withVersionModel(tools, record), await open(tools, record), shard, silent(run)),
      ),

    writeTriplets: (record: MiningRecord, shard: number): Promise<void> =>
      runStep(tools.draining, async (run) => writeShard(await open(tools, record), shard, silent(run))),

    finishMining: (record: MiningRecord): Promise<{ manifest: string }> =>
      runStep(tools.draining, async ({ owner }) => {
        const opened = await open(tools, record);
        await finishMining(opened);
        await unpin(opened.store, { ...pinOfMining(record.spec), owner });
        return { manifest: `${opened.store.root}/${opened.layout.manifest}` };
      }),
  };
}

/** Returns the activities of the `rescore-cpu` queue. They need the cross-encoder. */
export function createRescoreActivities(tools: ActivityTools) {
  return {
    rescoreCandidates: (record: MiningRecord, shard: number): Promise<void> =>
      runStep(tools.draining, async (run) =>
        rescoreShard(withPlannedCrossEncoder(tools, record), await open(tools, record), shard, silent(run)),
      ),
  };
}

async function open(tools: ActivityTools, { spec }: MiningRecord): Promise<Mining> {
  const store = tools.openStore(spec.output);
  const place = { dataset: spec.dataset, selector: spec.version };
  return openMining(await resolveVersion(store, place), spec);
}

function withVersionModel(
  tools: ActivityTools,
  record: MiningRecord,
): Pick<MiningTools, 'openStore' | 'withEmbedder'> {
  return {
    openStore: tools.openStore,
    withEmbedder: (version, use) => tools.withEmbedder(jobOfMinedVersion(version.job, record), use),
  };
}

function withPlannedCrossEncoder(
  tools: ActivityTools,
  record: MiningRecord,
): Pick<MiningTools, 'withCrossEncoder'> {
  return {
    withCrossEncoder: (stage, use) => tools.withCrossEncoder(plannedCrossEncoder(record, stage), use),
  };
}

/** Progress within a shard is for a person who waits for it; a workflow counts shards. */
function silent({ signal }: StepRun): MiningRun {
  return { signal, onProgress: () => {} };
}
