import { VectormillError } from '../core/errors.js';
import type { JobRecord } from '../core/job-spec.js';
import type { Embedder } from '../engine/model/embedder.js';
import { findModel, openEmbedder } from '../engine/model/find/find-model.js';
import { settingsOfJob } from '../engine/model/model.js';
import { partGate } from '../engine/steps/part-gate.js';
import type { StepTools } from '../engine/steps/step-context.js';
import type { StoreOpener } from '../engine/store/store-cache.js';
import type { Tokenizer } from '../engine/tokenizer/tokenizer.js';

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
  let embedder: Promise<Embedder> | undefined;
  let tokenizer: Promise<Tokenizer> | undefined;
  return {
    tools: {
      openStore,
      withEmbedder: async (job, use) => {
        embedder ??= openPlanned(job);
        embedder.catch(() => {
          embedder = undefined;
        });
        return use(await embedder);
      },
      tokenizerOf: (job) => {
        tokenizer ??= findModel(settingsOfJob(job)).then((model) => model.tokenizer());
        tokenizer.catch(() => {
          tokenizer = undefined;
        });
        return tokenizer;
      },
      partGate: partGate(),
      logPart: () => {},
    },
    close: async () => {
      await (await embedder?.catch(() => undefined))?.close();
    },
  };
}

async function openPlanned(job: JobRecord): Promise<Embedder> {
  const embedder = await openEmbedder(settingsOfJob(job));
  if (embedder.fingerprint === job.fingerprint) return embedder;
  await embedder.close();
  throw new VectormillError(
    'FINGERPRINT_MISMATCH',
    `the folder of ${job.signature.name} holds another model than the job was begun with`,
    {
      component: 'local',
      remedy: 'Put the model back that the job was begun with, or give it a new `version`.',
    },
  );
}
