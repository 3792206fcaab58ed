import { gcClockKey } from '../../core/layout.js';
import type { CollectionOutcome, CollectionPlan, CollectionReport } from '../../core/retention/collection.js';
import { decideRetention, type RetainedVersion } from '../../core/retention/decide-retention.js';
import type { RetentionPolicy } from '../../core/retention/retention-policy.js';
import { decideDelete, decideKeep, decideRetire } from '../../core/retention/tombstone.js';
import type { ObjectStore } from '../store/object-store.js';
import { swapTombstone } from '../version/tombstones.js';
import {
  type BegunCollection,
  beginCollection,
  endCollection,
  listCollections,
} from './collection-records.js';
import { type DeletedObjects, deleteObjects, remainsOf } from './delete-objects.js';
import { livingFiles } from './living-files.js';
import { lookAtDataset, type RetainableDataset } from './look-at-dataset.js';

/** The wish with which somebody begins a collection. */
export interface CollectionWish {
  policy: RetentionPolicy;
  /** Versions that are not finished and shall be deleted. */
  dropped: readonly string[];
}

/** The versions that a collection would delete, and those that it would keep. */
export interface CollectionForecast {
  versions: readonly RetainedVersion[];
  /** Versions that are being deleted, of which objects are left. */
  deleting: readonly string[];
  /** The objects that nothing needs, and their bytes. */
  unneeded: DeletedObjects;
}

/** The surroundings of a collection that deletes. */
export interface CollectionRun {
  signal: AbortSignal;
  /** Is called with the number of objects that are deleted so far. */
  onDeleted: (files: number) => void;
}

/** Says what a collection would do now, and writes nothing. Errors: FILE_DAMAGED. */
export async function forecastCollection(
  store: ObjectStore,
  dataset: string,
  { policy, dropped }: CollectionWish,
  now: number,
): Promise<CollectionForecast> {
  const state = await lookAtDataset(store, dataset, now);
  const versions = decideRetention({ ...state, dropped }, policy);
  const deleting = state.deleting.map(({ version }) => version);
  const retire = versions.filter(({ keptBy }) => keptBy.length === 0).map(({ version }) => version);
  return { versions, deleting, unneeded: await countUnneeded(store, dataset, state, retire) };
}

/**
 * Deletes versions that nothing needs, in steps of which each is written down before it is done: a
 * plan, a tombstone for each version, a time for readers, a second look, lists of keys, a report.
 * Whoever calls it next goes on with a collection that was not ended. Errors: FILE_DAMAGED for a
 * record without which nobody can say what is needed; CANCELLED.
 */
export async function collect(
  store: ObjectStore,
  dataset: string,
  wish: CollectionWish,
  run: CollectionRun,
): Promise<CollectionOutcome> {
  const now = await storeTime(store, dataset);
  const { last, open } = await listCollections(store, dataset);
  const begun = open ?? (await beginNext(store, dataset, wish, { now, collection: last + 1 }));
  if (!begun) return { outcome: 'nothing' };
  const { collection, plan, plannedAt } = begun;
  for (const version of plan.retire)
    await swapTombstone(store, { dataset, version }, (current) =>
      decideRetire(current, { version, collection }),
    );
  const until = plannedAt + plan.graceMs;
  // A plan of this call is later than `now`.
  if (Math.max(now, plannedAt) < until) return { outcome: 'waiting', collection, retire: plan.retire, until };
  return { outcome: 'done', report: await finishCollection(store, dataset, begun, { ...run, now }) };
}

/** Writes the plan of the next collection. Undefined where nothing is to be deleted. */
async function beginNext(
  store: ObjectStore,
  dataset: string,
  { policy, dropped }: CollectionWish,
  { now, collection }: { now: number; collection: number },
): Promise<BegunCollection | undefined> {
  const state = await lookAtDataset(store, dataset, now);
  const retired = decideRetention({ ...state, dropped }, policy).filter(({ keptBy }) => keptBy.length === 0);
  const retire = retired.map(({ version }) => version);
  if (retire.length === 0 && (await countUnneeded(store, dataset, state, [])).files === 0) return undefined;
  const plan: CollectionPlan = {
    formatVersion: 1,
    retire,
    unfinished: retired.filter(({ finishedAt }) => finishedAt === undefined).map(({ version }) => version),
    history: policy.history,
    graceMs: policy.graceMs,
  };
  return beginCollection(store, dataset, collection, plan);
}

/** Looks again, and deletes what is still not needed. */
async function finishCollection(
  store: ObjectStore,
  dataset: string,
  { collection, plan }: BegunCollection,
  { now, ...run }: CollectionRun & { now: number },
): Promise<CollectionReport> {
  const state = await lookAtDataset(store, dataset, now);
  const needed = neededVersions(state, plan);
  const deleted = new Set(state.deleting.map(({ version }) => version));
  for (const version of plan.retire) {
    const after = await swapTombstone(store, { dataset, version }, (current) =>
      needed.has(version) ? decideKeep(current) : decideDelete(current, { collection }),
    );
    if (after === 'deleting') deleted.add(version);
  }
  const versions = [...deleted].sort();
  const living = await livingFiles(store, dataset, {
    living: state.versions.filter(({ version }) => !deleted.has(version)),
    deleted: versions,
  });
  const objects = await deleteObjects(store, dataset, { collection, versions, living }, run);
  return endCollection(store, dataset, {
    formatVersion: 1,
    collection,
    deleted: plan.retire.filter((version) => deleted.has(version)),
    kept: plan.retire.filter((version) => !deleted.has(version)),
    ...objects,
  });
}

/** Returns the versions that something needs, whatever a policy says of numbers and ages. */
function neededVersions(
  state: RetainableDataset,
  { unfinished, history, graceMs }: CollectionPlan,
): Set<string> {
  const policy: RetentionPolicy = { keep: 0, ageMs: 0, history, graceMs };
  const decided = decideRetention({ ...state, dropped: unfinished }, policy);
  return new Set(
    decided
      // Whoever finished a version that was to be dropped has not given it up.
      .filter(
        ({ version, finishedAt, keptBy }) =>
          keptBy.length > 0 || (finishedAt !== undefined && unfinished.includes(version)),
      )
      .map(({ version }) => version),
  );
}

/** Counts the objects of versions that are deleted, or retired, and that no other version lists. */
async function countUnneeded(
  store: ObjectStore,
  dataset: string,
  state: RetainableDataset,
  retire: readonly string[],
): Promise<DeletedObjects> {
  const deleted = [...state.deleting.map(({ version }) => version), ...retire];
  const living = await livingFiles(store, dataset, {
    living: state.versions.filter(({ version }) => !retire.includes(version)),
    deleted,
  });
  const unneeded: DeletedObjects = { files: 0, bytes: 0 };
  for await (const { key, size } of remainsOf(store, dataset, deleted)) {
    if (living.has(key)) continue;
    unneeded.files += 1;
    unneeded.bytes += size;
  }
  return unneeded;
}

/** Returns the present time by the clock of the store, because ages are told by that clock. */
async function storeTime(store: ObjectStore, dataset: string): Promise<number> {
  const key = gcClockKey(dataset);
  await store.put(key, new Uint8Array());
  return (await store.head(key))?.modifiedAt ?? Date.now();
}
