import { continueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import {
  MINING_STAGES,
  type MineJobInput,
  type MiningProgress,
  type MiningStage,
  QUERIES,
} from '../core/workflow-api.js';
import { mineCpu, rescoreCpu } from './activity-proxies.js';
import { takeShards } from './shard-window.js';

/** Events at which a run continues as new, far below the server's warning at 10,240. */
const HISTORY_LIMIT = 5000;

/** Plans the queries, then takes every shard through each stage with a sliding window, and writes the manifest. */
export async function mineJob(input: MineJobInput): Promise<{ manifest: string }> {
  const { record, concurrency, from, historyLimit = HISTORY_LIMIT } = input;
  const inFlight = new Set<number>();
  const progress = { stage: 'planning' as MiningProgress['stage'], done: 0, shards: 0 };
  setHandler(defineQuery<MiningProgress>(QUERIES.progress), () => ({ ...progress, inFlight: [...inFlight] }));
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
    const next = await takeShards(
      {
        from: first,
        shards,
        width: concurrency,
        historyLimit,
        inFlight,
        onDone: () => {
          progress.done += 1;
        },
      },
      steps[stage],
    );
    if (next < shards) return continueAsNew<typeof mineJob>({ ...input, from: { stage, shard: next } });
  }
  progress.stage = 'finishing';
  return mineCpu.finishMining(record);
}
