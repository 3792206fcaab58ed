import { continueAsNew, defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  MINING_STAGES,
  type MineJobInput,
  type MiningProgress,
  type MiningStage,
  QUERIES,
} from '../core/workflow-api.js';
import { mineCpu, rescoreCpu } from './activity-proxies.js';

/** Well before the server warns of a history, at 10,240 events. */
const MOST_EVENTS = 5000;

/** Plans the queries, then takes every shard through each stage, a few at a time, and writes the manifest. */
export async function mineJob({ record, concurrency, from }: MineJobInput): Promise<{ manifest: string }> {
  const progress: MiningProgress = { stage: 'planning', done: 0, shards: 0 };
  setHandler(defineQuery<MiningProgress>(QUERIES.progress), () => progress);
  const { shards } = await mineCpu.planQueries(record);
  progress.shards = shards;
  const steps: Record<MiningStage, (shard: number) => Promise<void>> = {
    searching: (shard) => mineCpu.findCandidates(record, shard),
    rescoring: (shard) => rescoreCpu.rescoreCandidates(record, shard),
    writing: (shard) => mineCpu.writeTriplets(record, shard),
  };
  const first = from ? MINING_STAGES.indexOf(from.stage) : 0;
  for (const [index, stage] of MINING_STAGES.entries()) {
    if (index < first || (stage === 'rescoring' && !record.spec.crossEncoder)) continue;
    progress.stage = stage;
    const start = from?.stage === stage ? from.shard : 0;
    progress.done = start;
    for (let shard = start; shard < shards; shard += concurrency) {
      if (workflowInfo().historyLength > MOST_EVENTS)
        await continueAsNew<typeof mineJob>({ record, concurrency, from: { stage, shard } });
      const window = Array.from({ length: Math.min(concurrency, shards - shard) }, (_, at) => shard + at);
      await Promise.all(window.map((own) => steps[stage](own)));
      progress.done += window.length;
    }
  }
  progress.stage = 'finishing';
  return mineCpu.finishMining(record);
}
