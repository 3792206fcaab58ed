import { VectormillError } from '../core/errors.js';
import type { JobRecord } from '../core/job-spec.js';
import type { Embedder } from '../engine/model/embedder.js';
import { fetchModelOf } from '../engine/model/fetch/fetch-locked.js';
import { findModel, openEmbedder } from '../engine/model/find/find-model.js';
import { settingsOfJob } from '../engine/model/model.js';
import { ModelCache, tokenizerCache } from '../engine/model/model-cache.js';
import { partGate } from '../engine/steps/part-gate.js';
import type { StepTools } from '../engine/steps/step-context.js';
import type { StoreOpener } from '../engine/store/store-cache.js';

/**
 * Returns the tools that the steps of one job use in this process. The model is opened when a step
 * first needs it. `close` gives its memory back; the caller closes what `openStore` opens. Errors
 * of the model: those of opening; FINGERPRINT_MISMATCH where its folder is no longer what the job
 * was begun with.
 */
export function localTools(openStore: StoreOpener): {
  tools: StepTools;
  close(): Promise<void>;
} {
  const embedders = new ModelCache<JobRecord, Embedder>(
    async (job) => {
      await fetchModelOf(job, () => {});
      return openEmbedder(settingsOfJob(job));
    },
    anotherModel,
    1,
  );
  return {
    tools: {
      openStore,
      withEmbedder: (job, use) => embedders.use(job, use),
      tokenizerOf: tokenizerCache(async (job) => {
        await fetchModelOf(job, () => {});
        return (await findModel(settingsOfJob(job))).tokenizer();
      }),
      partGate: partGate(),
      logPart: () => {},
    },
    close: () => embedders.close(),
  };
}

function anotherModel({ signature }: JobRecord): VectormillError {
  return new VectormillError(
    'FINGERPRINT_MISMATCH',
    `the folder of ${signature.name} holds another model than the job was begun with`,
    {
      component: 'local',
      remedy: 'Put the model back that the job was begun with, or give it a new `version`.',
    },
  );
}
