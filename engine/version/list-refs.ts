import { refsPrefix } from '../../core/layout.js';
import type { RefRecord } from '../../core/ref.js';
import type { ObjectStore } from '../store/object-store.js';
import { readRef } from './read-ref.js';

/** A ref and where it points. */
export interface NamedRef extends RefRecord {
  ref: string;
}

/** Lists all refs of a dataset, in the order of their names. Errors: FILE_DAMAGED. */
export async function listRefs(store: ObjectStore, dataset: string): Promise<NamedRef[]> {
  const prefix = refsPrefix(dataset);
  const refs: NamedRef[] = [];
  for await (const { key } of store.list(prefix)) {
    if (!key.endsWith('.json')) continue;
    const ref = key.slice(prefix.length, -'.json'.length);
    const record = await readRef(store, dataset, ref);
    if (record) refs.push({ ref, ...record });
  }
  return refs;
}
