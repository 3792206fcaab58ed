import { EDITIONS } from '../../core/editions.js';
import { isVectormillError } from '../../core/errors.js';
import { versionLayout } from '../../core/layout.js';
import { freeNightTime, nightTime, nightVersion, wholeSeconds } from '../../core/schedule/night.js';
import { jobOfNight, type ScheduleRecord } from '../../core/schedule/schedule-record.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { checkVersion } from '../version/create-version.js';
import { versionOfRef } from '../version/find-parent.js';
import { isRefSettled, refMoveOf } from '../version/finished-version.js';
import { readJobRecord } from '../version/read-job.js';
import { readManifest } from '../version/read-manifest.js';
import { assertRecomputes } from '../version/recompute.js';

/** The night that a command runs, by its time. */
export interface ChosenNight {
  /** The time in ms since the epoch, in whole seconds. It may be some seconds after now. */
  scheduledAt: number;
  /** Whether the night was begun earlier, so that this run goes on with what it left. */
  isBegun: boolean;
  /** The unfinished night that is left as it is, and why; undefined where there is none. */
  left?: { version: string; why: string };
}

/**
 * Chooses the night of a schedule that is to run. It is the one of the time `at`, if a time is
 * given. Without `at` it is the schedule's latest night, if that is unfinished and of the same job.
 * In all other cases it is a night that is not begun yet, of the first free second from `now` on.
 * It writes nothing. Errors: FINGERPRINT_MISMATCH, EDITION_MISMATCH and VERSION_CONFLICT where
 * another job began the night of the time `at`; USAGE as `assertRecomputes`; those of the store.
 */
export async function chooseNight(
  openStore: StoreOpener,
  schedule: ScheduleRecord,
  { at, now }: { at: number | 'now' | undefined; now: number },
): Promise<ChosenNight> {
  const { output, dataset } = schedule.job.spec;
  const store = openStore(output);
  if (typeof at === 'number') {
    const scheduledAt = wholeSeconds(at);
    const version = nightVersion(schedule.name, scheduledAt);
    return { scheduledAt, isBegun: await isBegun(store, schedule, version) };
  }
  const another = async () => {
    const hasJob = async (version: string) =>
      (await store.head(versionLayout(dataset, version).job)) !== undefined;
    return { scheduledAt: await freeNightTime(schedule.name, now, hasJob), isBegun: false };
  };
  const unfinished = at === 'now' ? undefined : await unfinishedNight(store, schedule, now);
  if (!unfinished) return another();
  try {
    await isBegun(store, schedule, unfinished.version);
    return { scheduledAt: unfinished.scheduledAt, isBegun: true };
  } catch (error) {
    if (!isVectormillError(error)) throw error;
    return { ...(await another()), left: { version: unfinished.version, why: error.message } };
  }
}

/** Says whether a night was begun by this schedule's job. Errors: those of `checkVersion`. */
async function isBegun(store: ObjectStore, schedule: ScheduleRecord, version: string): Promise<boolean> {
  const { job: key } = versionLayout(schedule.job.spec.dataset, version);
  if (!(await store.head(key))) return false;
  const begun = await readJobRecord(store, key);
  const { parent, carry } = begun;
  if (schedule.job.recompute) assertRecomputes(begun);
  await checkVersion(store, jobOfNight(schedule, version, { parent, carry, editions: EDITIONS }));
  return true;
}

/**
 * Finds the schedule's latest night, if it is not finished. Older ones are not looked for: what
 * they would make has been overtaken.
 */
async function unfinishedNight(
  store: ObjectStore,
  schedule: ScheduleRecord,
  now: number,
): Promise<{ version: string; scheduledAt: number } | undefined> {
  const { dataset, ref } = schedule.job.spec;
  const named = ref === 'none' ? undefined : await versionOfRef(store, dataset, ref);
  const since = named === undefined ? undefined : nightTime(schedule.name, named);
  let latest: { version: string; scheduledAt: number } | undefined;
  for (const prefix of monthsBetween(since, now)) {
    const versions = `${dataset}/versions/`;
    for await (const { key } of store.list(`${versions}${schedule.name}-${prefix}`)) {
      const version = key.slice(versions.length).split('/')[0]!;
      if (version === latest?.version) continue;
      const scheduledAt = nightTime(schedule.name, version);
      if (scheduledAt !== undefined && scheduledAt > (latest?.scheduledAt ?? since ?? 0))
        latest = { version, scheduledAt };
    }
  }
  return latest && (await isFinished(store, schedule, latest.version)) ? undefined : latest;
}

/**
 * Returns the beginnings of all names that nights had between two times, month by month, so that a
 * store lists no older ones. Without a first time, every name is meant.
 */
function monthsBetween(since: number | undefined, now: number): string[] {
  if (since === undefined) return [''];
  const months: string[] = [];
  const month = new Date(since);
  month.setUTCDate(1);
  month.setUTCHours(0, 0, 0, 0);
  for (; month.getTime() <= now; month.setUTCMonth(month.getUTCMonth() + 1))
    months.push(month.toISOString().slice(0, 7).replace('-', ''));
  return months;
}

/** Says whether a night has its lineage, and the ref was moved or stays where it is. */
async function isFinished(
  store: ObjectStore,
  { job: { spec } }: ScheduleRecord,
  version: string,
): Promise<boolean> {
  const { dataset, ref } = spec;
  const layout = versionLayout(dataset, version);
  if (!(await store.head(layout.lineage))) return false;
  const job = await readJobRecord(store, layout.job);
  const move = refMoveOf({ ref, by: 'night' }, job, await readManifest(store, layout.manifest));
  return !move || isRefSettled(store, move);
}
