import { EDITIONS, editionsOf } from '../../core/editions.js';
import type { CarriedVersion } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { pinOfNight } from '../../core/retention/job-pins.js';
import type { PinOwner } from '../../core/retention/pin.js';
import type { OpenedNight } from '../../core/schedule/night.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import type { Listing } from '../corpus/list-objects.js';
import { planCorpus } from '../corpus/plan-corpus.js';
import type { StoreOpener } from '../store/store-cache.js';
import { findParent } from '../version/find-parent.js';
import { pinVersions } from '../version/pins.js';
import { readJobRecord } from '../version/read-job.js';
import { refGeneration } from '../version/read-ref.js';
import { isUpToDate } from './is-up-to-date.js';
import { isNotFound } from './prepare-schedule.js';

/**
 * Finds what a night begins with, before it claims anything, and pins its version and parent. A
 * night that was already begun keeps its parent, and is finished even if nothing has changed since.
 * If the input is empty but a version exists, the plan will refuse it, because a bucket that was
 * emptied is probably an accident. `listing` is what the input held a moment ago, if it was listed
 * already. Errors: VERSION_RETIRED; those of the store and of `planCorpus`.
 */
export async function openNight(
  openStore: StoreOpener,
  schedule: ScheduleRecord,
  version: string,
  { owner, listing }: { owner: PinOwner; listing?: Listing | undefined },
): Promise<OpenedNight> {
  const opened = await findBeginning(openStore, schedule, version, listing);
  const { spec } = schedule.job;
  const { parent, isEmpty, isUnchanged } = opened;
  if (!isEmpty && !isUnchanged)
    await pinVersions(openStore(spec.output), { ...pinOfNight(spec.dataset, version, parent), owner });
  return opened;
}

async function findBeginning(
  openStore: StoreOpener,
  schedule: ScheduleRecord,
  version: string,
  listing: Listing | undefined,
): Promise<OpenedNight> {
  const { job: template } = schedule;
  const { spec } = template;
  const store = openStore(spec.output);
  const { job } = versionLayout(spec.dataset, version);
  if (await store.head(job)) {
    const begun = await readJobRecord(store, job);
    const { parent, carry, recompute, refGeneration } = begun;
    return {
      parent,
      ...(refGeneration !== undefined && { refGeneration }),
      ...(carry && { carry }),
      ...(recompute && { recompute }),
      editions: editionsOf(begun),
      isEmpty: false,
    };
  }
  // It is read before the parent, so that a move between the two is noticed at the end.
  const generation =
    spec.ref === 'none' ? {} : { refGeneration: await refGeneration(store, spec.dataset, spec.ref) };
  const { parent, carry } = await findParent(store, { ...template, editions: EDITIONS });
  const { recompute } = template;
  const begins = { ...generation, editions: EDITIONS, isEmpty: false, ...(recompute && { recompute }) };
  if (parent !== null && (!carry || recompute || isFullNight(schedule, carry))) return { parent, ...begins };
  if (parent !== null && carry) {
    const isUnchanged = await isUpToDate(openStore, schedule, carry, listing);
    return { parent, carry, ...begins, ...(isUnchanged && { isUnchanged }) };
  }
  const isEmpty = await planCorpus(spec.input, { shardBytes: spec.shardBytes, openStore }).then(
    () => false,
    (error: unknown) => {
      if (isNotFound(error)) return true;
      throw error;
    },
  );
  return { parent: null, ...generation, editions: EDITIONS, isEmpty };
}

/** Returns whether so many versions have carried rows over that this night reads every document. */
function isFullNight({ fullEvery }: ScheduleRecord, { generation = 1 }: CarriedVersion): boolean {
  return fullEvery !== undefined && generation >= fullEvery;
}
