import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { assertStoreHolds } from '../model/fetch/model-store.js';
import type { StoreOpener } from '../store/store-cache.js';

/**
 * Refuses a job whose workers would look for its model in vain. Errors: JOB_INVALID for `models`
 * with a model that was not pulled by name; MODEL_NOT_FOUND, saying what to type; those of the
 * store.
 */
export async function assertModelsHold(
  { spec, modelLock }: Pick<JobRecord, 'modelLock'> & { spec: Pick<JobRecord['spec'], 'models' | 'model'> },
  openStore: StoreOpener,
  file: string,
): Promise<void> {
  if (spec.models === undefined) return;
  if (modelLock) return assertStoreHolds(openStore(spec.models), modelLock);
  throw new VectormillError(
    'JOB_INVALID',
    `${file}: \`models\` is for models that were pulled by name, and ${spec.model.source} was not`,
    {
      component: 'job',
      file,
      remedy:
        'Take `models` out of the job; the folder of the model must then lie at the same path on every worker.',
    },
  );
}
