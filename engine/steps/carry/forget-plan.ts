import { isVectormillError } from '../../../core/errors.js';
import type { OpenVersion } from '../../version/open-version.js';

type Place = Pick<OpenVersion, 'store' | 'layout'>;

/**
 * Forgets what was listed and scanned of a version, so that the next run lists the input again. A
 * version of which something is cut keeps its plan, because what is cut belongs to the shards of
 * that plan.
 */
export async function forgetPlan(version: OpenVersion): Promise<void> {
  const { store, layout } = version;
  for (const prefix of layout.cutPrefixes) for await (const _ of store.list(prefix)) return;
  // Whoever finds no plan begins anew, so that the plan goes first.
  await store.delete(layout.plan);
  await removeUnplanned(version);
}

/**
 * Removes what was scanned by a plan that is forgotten, and what a process cut by it meanwhile. A
 * new plan has shards of the same numbers, which must not take any of it for their own.
 */
export async function removeUnplanned({ store, layout }: Place): Promise<void> {
  const keys = (await store.head(layout.carriedRejects)) ? [layout.carriedRejects] : [];
  for (const prefix of [...layout.scanPrefixes, ...layout.cutPrefixes])
    for await (const { key } of store.list(prefix)) keys.push(key);
  // If another process has made a new plan meanwhile, these files may be its own.
  if (await store.head(layout.plan)) return;
  for (const key of keys) await store.delete(key);
}

/**
 * Returns whether work on a version failed because another process has forgotten its plan, so that
 * it is to begin anew with a plan.
 */
export function isForgotten({ store, layout }: Place, error: unknown): boolean {
  if (!isVectormillError(error) || error.file === undefined) return false;
  if (error.code !== 'OBJECT_NOT_FOUND' && error.code !== 'VERSION_NOT_FOUND') return false;
  const { file } = error;
  const removed = [layout.plan, layout.carriedRejects, ...layout.scanPrefixes, ...layout.cutPrefixes];
  return removed.some((key) => file.startsWith(`${store.root}/${key}`));
}
