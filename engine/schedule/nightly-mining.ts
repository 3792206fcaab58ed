import { miningLayout } from '../../core/mining/mining-layout.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import {
  miningOfNight,
  type NightlyMining,
  type ScheduleRecord,
} from '../../core/schedule/schedule-record.js';
import type { MiningManifest } from '../mining/finish-mining.js';
import { miningRecord } from '../mining/prepare-mining.js';
import type { StoreOpener } from '../store/store-cache.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { resolveVersion } from '../version/resolve-version.js';

/**
 * Returns the record by which a night mines over its version. Errors: VERSION_NOT_FOUND before the
 * version is readable; those of `miningRecord`.
 */
export async function prepareTriplets(
  openStore: StoreOpener,
  schedule: ScheduleRecord,
  mine: NightlyMining,
  version: string,
): Promise<MiningRecord> {
  const spec = miningOfNight(schedule, mine, version);
  const opened = await resolveVersion(openStore(spec.output), { dataset: spec.dataset, selector: version });
  return miningRecord(opened, spec, mine);
}

/** Counts what was mined. Errors: OBJECT_NOT_FOUND before the triplets are readable. */
export async function countTriplets(
  openStore: StoreOpener,
  { spec }: MiningRecord,
): Promise<{ queries: number; triplets: number }> {
  const { manifest } = miningLayout(spec);
  const { totals } = await readJsonRecord<MiningManifest>(openStore(spec.output), manifest, 1);
  return { queries: totals.queries, triplets: totals.trainingRows };
}
