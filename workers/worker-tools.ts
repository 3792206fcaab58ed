import type { Logger } from 'pino';
import type { ActivityTools } from '../activities/activity-tools.js';
import type { JobRecord } from '../core/job-spec.js';
import { findModel, openEmbedder } from '../engine/model/find/find-model.js';
import { type ModelResources, settingsOfJob } from '../engine/model/model.js';
import { partGate } from '../engine/steps/part-gate.js';
import { storeCache } from '../engine/store/store-cache.js';
import type { Tokenizer } from '../engine/tokenizer/tokenizer.js';
import { versionOpener } from '../engine/version/open-version.js';
import { type EmbedderOpener, ModelCache } from './model-cache.js';

const CACHED_MODELS = 2;

/** How a worker process gets a job's model and tokenizer. */
export interface ModelOpener {
  embedder: EmbedderOpener;
  tokenizer(job: JobRecord): Promise<Tokenizer>;
}

/** Models as this machine has them, opened with these resources. */
export function localModels(resources: ModelResources = {}): ModelOpener {
  return {
    embedder: (job) => openEmbedder({ ...settingsOfJob(job), ...resources }),
    tokenizer: async (job) => (await findModel(settingsOfJob(job))).tokenizer(),
  };
}

/** Everything that the activities of one process share. */
export function createWorkerTools(
  models: ModelOpener,
  log: Logger,
  draining: AbortSignal,
): { tools: ActivityTools; close(): Promise<void> } {
  const stores = storeCache();
  const embedders = new ModelCache(models.embedder, CACHED_MODELS);
  const tokenizers = new Map<string, Promise<Tokenizer>>();
  return {
    tools: {
      draining,
      openStore: stores.open,
      openVersion: versionOpener(stores.open),
      withEmbedder: (job, use) => embedders.use(job, use),
      tokenizerOf: (job) => {
        const key = job.signature.tokenizerSha256;
        const loaded = tokenizers.get(key) ?? models.tokenizer(job);
        tokenizers.set(key, loaded);
        loaded.catch(() => tokenizers.delete(key));
        return loaded;
      },
      partGate: partGate(),
      logPart: (event) => log.info(event, event.event),
    },
    close: async () => {
      await embedders.close();
      await stores.close();
    },
  };
}
