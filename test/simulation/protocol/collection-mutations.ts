import { decideRetention } from '../../../core/retention/decide-retention.js';
import { pinsOfJob } from '../../../core/retention/job-pins.js';
import { decideDelete, decideKeep, decideRetire } from '../../../core/retention/tombstone.js';
import {
  beginCollection,
  endCollection,
  listCollections,
} from '../../../engine/retention/collection-records.js';
import { deleteObjects } from '../../../engine/retention/delete-objects.js';
import { livingFiles } from '../../../engine/retention/living-files.js';
import { lookAtDataset } from '../../../engine/retention/look-at-dataset.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { refMoveOf } from '../../../engine/version/finished-version.js';
import { moveRef } from '../../../engine/version/move-ref.js';
import { pinVersions, unpin } from '../../../engine/version/pins.js';
import { swapTombstone } from '../../../engine/version/tombstones.js';
import { PROTOCOL, type Protocol } from './protocol.js';

/** Faults that are planted into pins, tombstones and collections. */
export const COLLECTION_MUTATIONS: Readonly<Record<string, Protocol>> = {
  'who finishes a version does not look at its tombstone': {
    ...PROTOCOL,
    settleVersion: async ({ store, job }, manifest, { owner }) => {
      const moved = await moveRef(store, refMoveOf({ ref: job.spec.ref, by: 'job' }, job, manifest)!);
      for (const pin of pinsOfJob(job)) await unpin(store, { ...pin, owner });
      return moved;
    },
  },
  'a pin is removed before the ref is moved': {
    ...PROTOCOL,
    movePinned: (async (store, pin, move) => {
      await pinVersions(store, pin);
      await unpin(store, pin);
      return moveRef(store, move!);
    }) as Protocol['movePinned'],
  },
  'a version is pinned after the ref was moved to it': {
    ...PROTOCOL,
    movePinned: (async (store, pin, move) => {
      const moved = await moveRef(store, move!);
      await pinVersions(store, pin);
      await unpin(store, pin);
      return moved;
    }) as Protocol['movePinned'],
  },
  'a version is deleted without a second look': {
    ...PROTOCOL,
    collect: (store, dataset, { policy }) => collectHastily(store, dataset, policy, { looksAgain: false }),
  },
  'the keys are known before the second look': {
    ...PROTOCOL,
    collect: (store, dataset, { policy }) => collectHastily(store, dataset, policy, { looksAgain: true }),
  },
};

/** Is later than every clock. */
const ALWAYS_OLD = 8.64e15;

/**
 * Collects in the wrong order: which files are needed is found out before the tombstones are
 * written, and the second look may be left out.
 */
async function collectHastily(
  store: ObjectStore,
  dataset: string,
  policy: Parameters<Protocol['collect']>[2]['policy'],
  { looksAgain }: { looksAgain: boolean },
): ReturnType<Protocol['collect']> {
  const { last, open } = await listCollections(store, dataset);
  const state = await lookAtDataset(store, dataset, ALWAYS_OLD);
  const unneeded = ({ keptBy }: { keptBy: readonly string[] }) => keptBy.length === 0;
  const names = (of: readonly { version: string }[]) => of.map(({ version }) => version);
  const retired = names(decideRetention({ ...state, dropped: [] }, policy).filter(unneeded));
  if (retired.length === 0 && !open) return { outcome: 'nothing' };
  const { history, graceMs } = policy;
  const wished = { formatVersion: 1 as const, retire: retired, unfinished: [], history, graceMs };
  const begun = open ?? (await beginCollection(store, dataset, last + 1, wished));
  const { collection, plan } = begun;
  const before = [...names(state.deleting), ...plan.retire];
  const living = await livingFiles(store, dataset, {
    living: state.versions.filter(({ version }) => !before.includes(version)),
    deleted: before,
  });
  for (const version of plan.retire)
    await swapTombstone(store, { dataset, version }, (now) => decideRetire(now, { version, collection }));
  const again = looksAgain ? await lookAtDataset(store, dataset, ALWAYS_OLD) : state;
  const needless = names(decideRetention({ ...again, dropped: [] }, { ...policy, keep: 0 }).filter(unneeded));
  const deleted = new Set(names(state.deleting));
  for (const version of plan.retire) {
    const decide = needless.includes(version) ? undefined : decideKeep;
    const after = await swapTombstone(
      store,
      { dataset, version },
      decide ?? ((now) => decideDelete(now, { collection })),
    );
    if (after === 'deleting') deleted.add(version);
  }
  const versions = [...deleted].sort();
  const run = { signal: new AbortController().signal, onDeleted: () => {} };
  const objects = await deleteObjects(store, dataset, { collection, versions, living }, run);
  const kept = plan.retire.filter((version) => !deleted.has(version));
  const report = { formatVersion: 1 as const, collection, deleted: versions, kept, ...objects };
  return { outcome: 'done', report: await endCollection(store, dataset, report) };
}
