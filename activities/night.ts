import { miningLayout } from '../core/mining/mining-layout.js';
import type { MiningRecord } from '../core/mining/mining-spec.js';
import { miningOfNight, type NightlyMining, type ScheduleRecord } from '../core/schedule/schedule-record.js';
import type { MiningManifest } from '../engine/mining/finish-mining.js';
import { miningRecord } from '../engine/mining/prepare-mining.js';
import { type FinishedNight, finishNight } from '../engine/schedule/finish-night.js';
import { type OpenedNight, openNight } from '../engine/schedule/open-night.js';
import { readJsonRecord } from '../engine/version/read-json-record.js';
import { resolveVersion } from '../engine/version/resolve-version.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type NightActivities = ReturnType<typeof createNightActivities>;

/** Returns the activities of the `control` queue that begin and finish a night. */
export function createNightActivities(tools: ActivityTools) {
  return {
    openNight: (schedule: ScheduleRecord, version: string): Promise<OpenedNight> =>
      runStep(tools.draining, () => openNight(tools.openStore, schedule.job, version)),

    prepareTriplets: (
      schedule: ScheduleRecord,
      mine: NightlyMining,
      version: string,
    ): Promise<MiningRecord> =>
      runStep(tools.draining, async () => {
        const spec = miningOfNight(schedule, mine, version);
        const place = { dataset: spec.dataset, selector: version };
        const opened = await resolveVersion(tools.openStore(spec.output), place);
        return miningRecord(opened, spec, mine.crossEncoderFingerprint);
      }),

    countTriplets: ({ spec }: MiningRecord): Promise<{ queries: number; triplets: number }> =>
      runStep(tools.draining, async () => {
        const { manifest } = miningLayout(spec);
        const { totals } = await readJsonRecord<MiningManifest>(tools.openStore(spec.output), manifest, 1);
        return { queries: totals.queries, triplets: totals.trainingRows };
      }),

    finishNight: (
      schedule: ScheduleRecord,
      night: FinishedNight,
    ): Promise<{ lineage: string; isReferenced: boolean }> =>
      runStep(tools.draining, () => finishNight(tools.openStore, schedule, night)),
  };
}
