import { VectormillError } from '../../../core/errors.js';
import type { JobRecord } from '../../../core/job-spec.js';
import type { ModelLock } from '../../../core/model-lock.js';
import type { StoreOpener } from '../../store/store-cache.js';
import { assertStoreHolds } from './model-store.js';

/** A model as a job names it, and its bytes where it was pulled by name. */
export interface NamedModel {
  source: string;
  lock?: ModelLock | undefined;
}

/** Returns the model of a job. */
export function namedModelOf({
  spec,
  modelLock,
}: Pick<JobRecord, 'modelLock'> & { spec: Pick<JobRecord['spec'], 'model'> }): NamedModel {
  return { source: spec.model.source, lock: modelLock };
}

/**
 * Refuses a job whose workers would look in vain for its models at `models`. Errors: JOB_INVALID
 * for `models` where none was pulled by name; MODEL_NOT_FOUND, saying what to type; those of the
 * store.
 */
export async function assertModelsHold(
  models: string | undefined,
  named: readonly NamedModel[],
  { openStore, file }: { openStore: StoreOpener; file: string },
): Promise<void> {
  if (models === undefined) return;
  const locks = named.flatMap(({ lock }) => lock ?? []);
  if (locks.length === 0) throw noneLocked(named, file);
  for (const lock of locks) await assertStoreHolds(openStore(models), lock);
}

function noneLocked(named: readonly NamedModel[], file: string): VectormillError {
  const sources = named.map(({ source }) => source).join(' and ');
  const were = named.length === 1 ? 'was' : 'were';
  return new VectormillError(
    'JOB_INVALID',
    `${file}: \`models\` is for models that were pulled by name, and ${sources} ${were} not`,
    {
      component: 'job',
      file,
      remedy:
        'Take `models` out of the job; the folder of a model must then lie at the same path on every worker.',
    },
  );
}
