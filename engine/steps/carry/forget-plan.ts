import type { OpenVersion } from '../../version/open-version.js';

/**
 * Forgets what was listed and scanned of a version, so that the next run lists the input again. A
 * version of which something is cut keeps its plan, because what is cut belongs to the shards of
 * that plan.
 */
export async function forgetPlan(version: OpenVersion): Promise<void> {
  const { store, layout } = version;
  for await (const _ of store.list(layout.chunksPrefix)) return;
  // Whoever finds no plan begins anew, so that the plan goes first.
  await store.delete(layout.plan);
  await removeScans(version);
}

/**
 * Removes what was scanned by a plan that is forgotten. A new plan has shards of the same numbers,
 * which must not take it for their own.
 */
export async function removeScans({ store, layout }: Pick<OpenVersion, 'store' | 'layout'>): Promise<void> {
  const keys = (await store.head(layout.carriedRejects)) ? [layout.carriedRejects] : [];
  for (const prefix of layout.scanPrefixes) for await (const { key } of store.list(prefix)) keys.push(key);
  // If another process has made a new plan meanwhile, the scans may be its own.
  if (await store.head(layout.plan)) return;
  for (const key of keys) await store.delete(key);
}
