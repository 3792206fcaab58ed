import type { Logger } from 'pino';
import type { ActivityTools } from '../activities/activity-tools.js';
import type { JobRecord } from '../core/job-spec.js';
import { openCrossEncoderOfJob, openModelOfJob, tokenizerOfJob } from '../engine/model/find/model-of-job.js';
import type { ModelResources } from '../engine/model/model.js';
import { tokenizerCache } from '../engine/model/model-cache.js';
import { partGate } from '../engine/steps/part-gate.js';
import { storeCache } from '../engine/store/store-cache.js';
import type { Tokenizer } from '../engine/tokenizer/tokenizer.js';
import { versionOpener } from '../engine/version/open-version.js';
import {
  type CrossEncoderOpener,
  crossEncoderCache,
  type EmbedderOpener,
  embedderCache,
} from './planned-models.js';

/** The number of models of each kind that are kept while they are not in use. */
const CACHED_MODELS = 2;

/** Gives a worker process the model, the tokenizer and the cross-encoder of a job. */
export interface ModelOpener {
  embedder: EmbedderOpener;
  tokenizer(job: JobRecord): Promise<Tokenizer>;
  crossEncoder: CrossEncoderOpener;
}

/**
 * Models as this machine has them. A locked model that is missing is fetched first, of which `log`
 * is told. Embedders are opened with these resources.
 */
export function localModels(
  resources: ModelResources = {},
  log: (line: string) => void = () => {},
): ModelOpener {
  return {
    embedder: (job) => openModelOfJob(job, resources, log),
    tokenizer: (job) => tokenizerOfJob(job, log),
    crossEncoder: (planned) => openCrossEncoderOfJob(planned, log),
  };
}

/** Returns everything that the activities of one process share. */
export function createWorkerTools(
  models: ModelOpener,
  log: Logger,
  draining: AbortSignal,
): { tools: ActivityTools; close(): Promise<void> } {
  const stores = storeCache();
  const embedders = embedderCache(models.embedder, CACHED_MODELS);
  const crossEncoders = crossEncoderCache(models.crossEncoder, CACHED_MODELS);
  return {
    tools: {
      draining,
      openStore: stores.open,
      openVersion: versionOpener(stores.open),
      withEmbedder: (job, use) => embedders.use(job, use),
      withCrossEncoder: (planned, use) => crossEncoders.use(planned, use),
      tokenizerOf: tokenizerCache(models.tokenizer),
      partGate: partGate(),
      logPart: (event) => log.info(event, event.event),
    },
    close: async () => {
      await embedders.close();
      await crossEncoders.close();
      await stores.close();
    },
  };
}
