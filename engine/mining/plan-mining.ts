import type { MiningPlan } from '../../core/mining/mining-records.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import type { MiningStage } from '../../core/workflow-api.js';
import { assertSameSpace } from '../version/assert-same-space.js';
import { isMined } from './checkpoints.js';
import { finishMining } from './finish-mining.js';
import { assertSameMining } from './mining-identity.js';
import type { MiningReport } from './mining-report.js';
import type { Mining, MiningRun, MiningTools } from './open-mining.js';
import { planQueries } from './plan-queries.js';

/** The work that is being done, for progress displays. */
export type MiningPhase = 'planning' | MiningStage;

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
