import { canonicalJson } from '../../core/canonical-json.js';
import { VectormillError } from '../../core/errors.js';
import { indexLayout } from '../../core/index/index-layout.js';
import { versionLayout } from '../../core/layout.js';
import { miningLayout } from '../../core/mining/mining-layout.js';
import { pinOfNight } from '../../core/retention/job-pins.js';
import type { PinOwner } from '../../core/retention/pin.js';
import type { Lineage, LinkedRecord } from '../../core/schedule/lineage.js';
import type { FinishedNight } from '../../core/schedule/night.js';
import type { FinishedRef } from '../../core/schedule/night-course.js';
import { miningOfNight, type ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { sha256 } from '../files/hash.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { refMoveOf } from '../version/finished-version.js';
import { movePinned } from '../version/move-pinned.js';
import { readJobRecord } from '../version/read-job.js';
import { parseRecord } from '../version/read-json-record.js';
import { readManifest } from '../version/read-manifest.js';

/**
 * Writes the lineage of a night whose steps have all succeeded, then moves the ref, unless it was
 * moved since the night began, or is held. What an earlier attempt wrote is found again.
 * Errors: OBJECT_NOT_FOUND if a step has left no manifest; COMMIT_CONFLICT if the lineage names
 * other records; VERSION_RETIRED.
 */
export async function finishNight(
  openStore: StoreOpener,
  schedule: ScheduleRecord,
  night: FinishedNight,
  owner: PinOwner,
): Promise<FinishedRef> {
  const { dataset, output, ref } = schedule.job.spec;
  const store = openStore(output);
  const layout = versionLayout(dataset, night.version);
  const manifest = await readManifest(store, layout.manifest);
  const { mine, index } = schedule;
  await writeLineage(store, layout.lineage, {
    formatVersion: 1,
    dataset,
    ...night,
    fingerprint: manifest.fingerprint,
    schedule: schedule.name,
    manifest: await linked(store, layout.manifest),
    triplets: mine
      ? await linked(store, miningLayout(miningOfNight(schedule, mine, night.version)).manifest)
      : null,
    index: index ? await linked(store, indexLayout(dataset, night.version, index.name).manifest) : null,
  });
  const lineage = `${store.root}/${layout.lineage}`;
  const move = refMoveOf({ ref, by: 'night' }, await readJobRecord(store, layout.job), manifest);
  const pin = pinOfNight(dataset, night.version, null);
  const moved = await movePinned(store, { ...pin, owner }, move);
  if (!moved) return { lineage, isReferenced: false };
  const { outcome, record } = moved;
  const isReferenced = record.version === night.version;
  return { lineage, isReferenced, ...(outcome === 'held' && { isHeld: true }) };
}

async function linked(store: ObjectStore, key: string): Promise<LinkedRecord> {
  return { key, sha256: sha256(await store.get(key)) };
}

async function writeLineage(store: ObjectStore, key: string, lineage: Lineage): Promise<void> {
  const { created, bytes } = await createOnce(store, key, encodeJson(lineage));
  if (created) return;
  const existing = parseRecord<Lineage>(bytes, 1, `${store.root}/${key}`);
  if (canonicalJson(withoutTimes(existing)) === canonicalJson(withoutTimes(lineage))) return;
  throw new VectormillError(
    'COMMIT_CONFLICT',
    `${lineage.dataset}@${lineage.version} has another lineage already`,
    {
      component: 'schedule',
      file: `${store.root}/${key}`,
      remedy:
        'Restore the schedule that this night began with, or let the next night make a version of its own.',
    },
  );
}

/** Returns a lineage without its wall times, which differ when a night is repeated. */
function withoutTimes({
  startedAt: _,
  finishedAt: __,
  ...made
}: Lineage): Omit<Lineage, 'startedAt' | 'finishedAt'> {
  return made;
}
