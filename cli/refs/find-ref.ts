import { VectormillError } from '../../core/errors.js';
import type { RefRecord } from '../../core/ref.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { listRefs } from '../../engine/version/list-refs.js';
import { readRef } from '../../engine/version/read-ref.js';
import { findDataset } from '../dataset-argument.js';
import type { CommandInput } from '../define-command.js';

/** A ref that a command's first argument names. */
export interface ExistingRef {
  store: ObjectStore;
  dataset: string;
  ref: string;
  record: RefRecord;
}

/** Finds the ref that the argument names. Errors: VERSION_NOT_FOUND; those of `findDataset`. */
export async function findRef(input: CommandInput, openStore: StoreOpener): Promise<ExistingRef> {
  const { store, dataset, selector: ref } = await findDataset(input, openStore);
  const record = await readRef(store, dataset, ref);
  if (record) return { store, dataset, ref, record };
  const names = (await listRefs(store, dataset)).map((named) => named.ref);
  throw new VectormillError('VERSION_NOT_FOUND', `${dataset} has no ref ${ref} under ${store.root}`, {
    component: 'version',
    remedy: names.length > 0 ? `Refs there: ${names.join(', ')}.` : 'Check --output and the name.',
  });
}
