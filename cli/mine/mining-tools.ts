import { plannedCrossEncoder } from '../../core/mining/mining-models.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import type { MiningTools } from '../../engine/mining/open-mining.js';
import type { CrossEncoder } from '../../engine/model/cross-encoder.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { openCrossEncoderOfJob } from '../../engine/model/find/model-of-job.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { openModelOf } from '../open-model-of.js';

/**
 * Opens what mining uses in this process. Each model is loaded once, when it is first needed;
 * `model` names the one to use for queries in place of the job's own.
 */
export function miningTools(
  openStore: StoreOpener,
  record: MiningRecord,
  model: unknown,
): MiningTools & { close(): Promise<void> } {
  let embedder: Promise<Embedder> | undefined;
  let encoder: Promise<CrossEncoder> | undefined;
  return {
    openStore,
    withEmbedder: async (version, use) => {
      embedder ??= openModelOf(version, model);
      return use(await embedder);
    },
    withCrossEncoder: async (stage, use) => {
      encoder ??= openCrossEncoderOfJob(plannedCrossEncoder(record, stage), () => {});
      return use(await encoder);
    },
    close: async () => {
      for (const opened of [embedder, encoder]) await (await opened?.catch(() => undefined))?.close();
    },
  };
}
