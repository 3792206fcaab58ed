import type { JobRecord } from '../../core/job-spec.js';
import { begunKey, begunPrefix } from '../../core/layout.js';
import type { ObjectStore } from '../store/object-store.js';

/** Notes that a job has begun a version from its parent, so that its siblings find it. */
export async function noteBegun(store: ObjectStore, { spec, parent }: JobRecord): Promise<void> {
  const key = begunKey(spec.dataset, parent, spec.version);
  await store.put(key, new Uint8Array(), { condition: { ifAbsent: true } });
}

/**
 * Returns the names of a version's siblings, which were begun from the same parent, the newest
 * first. One request lists a thousand of them.
 */
export async function siblingsOf(store: ObjectStore, { spec, parent }: JobRecord): Promise<string[]> {
  const prefix = begunPrefix(spec.dataset, parent);
  const siblings: { name: string; begunAt: number }[] = [];
  for await (const { key, modifiedAt } of store.list(prefix)) {
    const name = key.slice(prefix.length);
    if (name !== spec.version) siblings.push({ name, begunAt: modifiedAt });
  }
  return siblings.sort((a, b) => b.begunAt - a.begunAt).map(({ name }) => name);
}
