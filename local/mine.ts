import { refusalsAsFailures } from '../core/errors.js';
import type { MiningRecord } from '../core/mining/mining-spec.js';
import type { MiningStage } from '../core/workflow-api.js';
import { throwIfStopped } from '../engine/concurrency/stop.js';
import { findCandidates } from '../engine/mining/find-candidates.js';
import { finishMining } from '../engine/mining/finish-mining.js';
import type { MiningReport } from '../engine/mining/mining-report.js';
import type { Mining, MiningRun, MiningTools } from '../engine/mining/open-mining.js';
import { type MiningPhase, minedReport, planMining } from '../engine/mining/plan-mining.js';
import { rescoreShard } from '../engine/mining/rescore-shard.js';
import { writeShard } from '../engine/mining/write-shard.js';
import { untilDone } from './attempts.js';

export interface LocalMiningRun {
  signal: AbortSignal;
  /**
   * Is called with the part of the whole phase that is done: the shards that are finished, plus
   * what the step of the current shard reports.
   */
  onProgress(phase: MiningPhase, done: number, total: number): void;
  /** Is called before a step is tried again, with what it failed with. */
  onRetry(error: Error): void;
}

/**
 * Mines in this process, one shard after the other, with the steps that workers run. What exists
 * already is kept, whoever made it. Once `signal` is aborted it ends with CANCELLED; run again, it
 * goes on with the shards that are left. Errors: those of the steps.
 */
export async function mineLocally(
  tools: MiningTools,
  mining: Mining,
  record: MiningRecord,
  { signal, onProgress, onRetry }: LocalMiningRun,
): Promise<MiningReport> {
  const attempt = <T>(step: () => Promise<T>) => untilDone(step, { signal, onRetry });
  const existing = await minedReport(mining, record);
  if (existing) return existing;
  const plan = await attempt(() =>
    planMining(tools, mining, record, {
      signal,
      onProgress: (done, total) => onProgress('planning', done, total),
    }),
  );
  const { shards } = plan.counts;
  const overShards = async (stage: MiningStage, step: (shard: number, run: MiningRun) => Promise<void>) => {
    for (let shard = 0; shard < shards; shard += 1) {
      throwIfStopped(signal);
      await attempt(() =>
        step(shard, {
          signal,
          onProgress: (done, total) => onProgress(stage, shard * total + done, shards * total),
        }),
      );
    }
  };
  return refusalsAsFailures(async () => {
    await overShards('searching', (shard, run) => findCandidates(tools, mining, shard, run));
    await overShards('rescoring', (shard, run) => rescoreShard(tools, mining, shard, run));
    await overShards('writing', (shard, run) => writeShard(mining, shard, run));
    return attempt(() => finishMining(mining));
  });
}
