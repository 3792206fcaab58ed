import { refusalsAsFailures } from '../../core/errors.js';
import type { MiningPlan } from '../../core/mining/mining-records.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import type { MiningStage } from '../../core/workflow-api.js';
import { assertSameSpace } from '../version/assert-same-space.js';
import { isMined } from './checkpoints.js';
import { findCandidates } from './find-candidates.js';
import { finishMining } from './finish-mining.js';
import { assertSameMining } from './mining-identity.js';
import type { MiningReport } from './mining-report.js';
import type { Mining, MiningRun, MiningTools } from './open-mining.js';
import { planQueries } from './plan-queries.js';
import { rescoreShard } from './rescore-shard.js';
import { writeShard } from './write-shard.js';

/** The work that is being done, for progress displays. */
export type MiningPhase = 'planning' | MiningStage;

export interface MineOptions {
  signal: AbortSignal;
  /**
   * Is called with the part of the whole stage that is done: the shards that are finished, plus
   * what the step of the current shard reports.
   */
  onProgress(phase: MiningPhase, done: number, total: number): void;
}

/**
 * Does everything that comes before the first shard. A job that cannot be done is refused here,
 * before anything is written. Errors: VERSION_CONFLICT, FINGERPRINT_MISMATCH; those of the model
 * and of `planQueries`.
 */
export async function planMining(
  tools: MiningTools,
  mining: Mining,
  record: MiningRecord,
  run: MiningRun,
): Promise<MiningPlan> {
  await assertSameMining(mining, record);
  await tools.withEmbedder(mining.version, async (embedder) => assertSameSpace(mining.version, embedder));
  return planQueries(tools, mining, record, run);
}

/**
 * Returns the report of triplets that are already mined; undefined where work is left. Errors:
 * VERSION_CONFLICT.
 */
export async function minedReport(mining: Mining, record: MiningRecord): Promise<MiningReport | undefined> {
  await assertSameMining(mining, record);
  return (await isMined(mining)) ? finishMining(mining) : undefined;
}

/**
 * Runs all steps one after the other in this process. What exists already is kept. Errors: those of
 * the steps.
 */
export async function mine(
  tools: MiningTools,
  mining: Mining,
  record: MiningRecord,
  { signal, onProgress }: MineOptions,
): Promise<MiningReport> {
  const standing = await minedReport(mining, record);
  if (standing) return standing;
  const plan = await planMining(tools, mining, record, {
    signal,
    onProgress: (done, total) => onProgress('planning', done, total),
  });
  const { shards } = plan.counts;
  const overShards = async (stage: MiningStage, step: (shard: number, run: MiningRun) => Promise<void>) => {
    for (let shard = 0; shard < shards; shard += 1)
      await step(shard, {
        signal,
        onProgress: (done, total) => onProgress(stage, shard * total + done, shards * total),
      });
  };
  return refusalsAsFailures(async () => {
    await overShards('searching', (shard, run) => findCandidates(tools, mining, shard, run));
    await overShards('rescoring', (shard, run) => rescoreShard(tools, mining, shard, run));
    await overShards('writing', (shard, run) => writeShard(mining, shard, run));
    return finishMining(mining);
  });
}
