import { collectionLayout, collectionsPrefix, parseCollectionKey } from '../../core/layout.js';
import type { CollectionPlan, CollectionReport } from '../../core/retention/collection.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { parseRecord, recordDamaged } from '../version/read-json-record.js';

/** A collection that was begun. Times are in ms since the epoch, by the clock of the store. */
export interface BegunCollection {
  collection: number;
  plan: CollectionPlan;
  plannedAt: number;
}

/** The collections of a dataset as a listing finds them. */
export interface ListedCollections {
  /** The greatest number of a collection, or 0 where there was none. */
  last: number;
  /** The first collection that has no report. */
  open: BegunCollection | undefined;
}

/** Lists the collections of a dataset. Errors: FILE_DAMAGED for the plan of an open one. */
export async function listCollections(store: ObjectStore, dataset: string): Promise<ListedCollections> {
  const planned = new Map<number, number>();
  let last = 0;
  for await (const { key, modifiedAt } of store.list(collectionsPrefix(dataset))) {
    const found = parseCollectionKey(key);
    if (!found) continue;
    last = Math.max(last, found.collection);
    if (found.record === 'plan') planned.set(found.collection, modifiedAt);
    // Within a collection the report comes after the plan.
    else planned.delete(found.collection);
  }
  const [first] = planned;
  if (!first) return { last, open: undefined };
  const [collection, plannedAt] = first;
  const { plan: key } = collectionLayout(dataset, collection);
  const plan = parsePlan(await store.get(key), `${store.root}/${key}`);
  return { last, open: { collection, plan, plannedAt } };
}

/**
 * Begins a collection under the next number. If another process begins one at the same moment, its
 * plan is the one that is returned. Errors: FILE_DAMAGED.
 */
export async function beginCollection(
  store: ObjectStore,
  dataset: string,
  collection: number,
  plan: CollectionPlan,
): Promise<BegunCollection> {
  const { plan: key } = collectionLayout(dataset, collection);
  const { bytes } = await createOnce(store, key, encodeJson(plan));
  const info = await store.head(key);
  return { collection, plan: parsePlan(bytes, `${store.root}/${key}`), plannedAt: info?.modifiedAt ?? 0 };
}

/** Ends a collection. Returns the report that was written first. Errors: FILE_DAMAGED. */
export async function endCollection(
  store: ObjectStore,
  dataset: string,
  report: CollectionReport,
): Promise<CollectionReport> {
  const { report: key } = collectionLayout(dataset, report.collection);
  const { bytes } = await createOnce(store, key, encodeJson(report));
  return parseRecord<CollectionReport>(bytes, 1, `${store.root}/${key}`);
}

function parsePlan(bytes: Uint8Array, file: string): CollectionPlan {
  const plan = parseRecord<CollectionPlan>(bytes, 1, file);
  const isSound =
    Array.isArray(plan.retire) &&
    Array.isArray(plan.unfinished) &&
    Number.isSafeInteger(plan.history) &&
    Number.isFinite(plan.graceMs);
  if (isSound) return plan;
  throw recordDamaged(file, 'is no plan of a collection', {
    remedy: 'Remove the file; the next collection makes a plan of its own.',
  });
}
