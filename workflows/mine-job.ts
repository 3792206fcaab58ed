import { continueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import {
  MINING_STAGES,
  type MineJobInput,
  type MiningProgress,
  type MiningStage,
  QUERIES,
} from '../core/workflow-api.js';
import { mineCpu, rescoreCpu } from './activity-proxies.js';
import { ShardWindow } from './shard-window.js';

/**
 * Plans the queries, then takes every shard through each stage with a sliding window, and writes
 * the manifest. Returns the manifest's URI. It continues as new when its history grows long.
 */
export async function mineJob(input: MineJobInput): Promise<{ manifest: string }> {
  const { record, concurrency, from, historyLimit } = input;
  const window = new ShardWindow();
  const progress = { stage: 'planning' as MiningProgress['stage'], done: 0, shards: 0 };
  setHandler(defineQuery<MiningProgress>(QUERIES.progress), () => ({
    ...progress,
    inFlight: window.inFlight,
  }));
  const { shards, isMined } = await mineCpu.planQueries(record);
  progress.shards = shards;
  const steps: Record<MiningStage, (shard: number) => Promise<void>> = {
    searching: (shard) => mineCpu.findCandidates(record, shard),
    rescoring: (shard) => rescoreCpu.rescoreCandidates(record, shard),
    writing: (shard) => mineCpu.writeTriplets(record, shard),
  };
  const stages = MINING_STAGES.slice(from ? MINING_STAGES.indexOf(from.stage) : 0).filter(
    (stage) => stage !== 'rescoring' || record.spec.crossEncoder,
  );
  for (const stage of isMined ? [] : stages) {
    const first = from?.stage === stage ? from.shard : 0;
    progress.stage = stage;
    progress.done = first;
    const next = await window.take(
      { next: first, shards, width: concurrency, historyLimit },
      steps[stage],
      () => {
        progress.done += 1;
      },
    );
    if (next < shards) return continueAsNew<typeof mineJob>({ ...input, from: { stage, shard: next } });
  }
  progress.stage = 'finishing';
  return mineCpu.finishMining(record);
}
