import { VectormillError } from '../core/errors.js';
import type { JobRecord } from '../core/job-spec.js';
import {
  jobOfMinedVersion,
  type PlannedCrossEncoder,
  plannedCrossEncoder,
} from '../core/mining/mining-models.js';
import type { MiningRecord } from '../core/mining/mining-spec.js';
import type { MiningTools } from '../engine/mining/open-mining.js';
import type { CrossEncoder } from '../engine/model/cross-encoder.js';
import type { Embedder } from '../engine/model/embedder.js';
import { openCrossEncoderOfJob, openModelOfJob, tokenizerOfJob } from '../engine/model/find/model-of-job.js';
import { ModelCache, tokenizerCache } from '../engine/model/model-cache.js';
import { partGate } from '../engine/steps/part-gate.js';
import type { StepTools } from '../engine/steps/step-context.js';
import type { StoreOpener } from '../engine/store/store-cache.js';

/** The tools of one job, and of what is mined over its version. */
export interface LocalTools extends StepTools {
  /** Returns the tools of mining with the models that the record was made with. */
  miningOf(record: MiningRecord): MiningTools;
}

/**
 * Returns the tools that the steps of one job use in this process. Each model is opened when a step
 * first needs it. `close` gives their memory back; the caller closes what `openStore` opens. Errors
 * of the models: those of opening; FINGERPRINT_MISMATCH where a folder is no longer what the job
 * was begun with.
 */
export function localTools(openStore: StoreOpener): {
  tools: LocalTools;
  close(): Promise<void>;
} {
  const embedders = new ModelCache<JobRecord, Embedder>(
    (job) => openModelOfJob(job, {}, () => {}),
    ({ signature }) => anotherModel(signature.name),
    1,
  );
  const crossEncoders = new ModelCache<PlannedCrossEncoder, CrossEncoder>(
    (planned) => openCrossEncoderOfJob(planned, () => {}),
    ({ model }) => anotherModel(model),
    1,
  );
  return {
    tools: {
      openStore,
      withEmbedder: (job, use) => embedders.use(job, use),
      miningOf: (record) => ({
        openStore,
        withEmbedder: ({ job }, use) => embedders.use(jobOfMinedVersion(job, record), use),
        withCrossEncoder: (stage, use) => crossEncoders.use(plannedCrossEncoder(record, stage), use),
      }),
      tokenizerOf: tokenizerCache((job) => tokenizerOfJob(job, () => {})),
      partGate: partGate(),
      logPart: () => {},
    },
    close: async () => {
      await embedders.close();
      await crossEncoders.close();
    },
  };
}

function anotherModel(name: string): VectormillError {
  return new VectormillError(
    'FINGERPRINT_MISMATCH',
    `the folder of ${name} holds another model than the job was begun with`,
    {
      component: 'local',
      remedy: 'Put the model back that the job was begun with, or give it a new `version`.',
    },
  );
}
