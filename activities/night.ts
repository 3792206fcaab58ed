import type { MiningRecord } from '../core/mining/mining-spec.js';
import type { FinishedNight, OpenedNight } from '../core/schedule/night.js';
import type { NightlyMining, ScheduleRecord } from '../core/schedule/schedule-record.js';
import { finishNight } from '../engine/schedule/finish-night.js';
import { countTriplets, prepareTriplets } from '../engine/schedule/nightly-mining.js';
import { openNight } from '../engine/schedule/open-night.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type NightActivities = ReturnType<typeof createNightActivities>;

/** Returns the activities of the `control` queue that begin and finish a night. */
export function createNightActivities(tools: ActivityTools) {
  return {
    openNight: (schedule: ScheduleRecord, version: string): Promise<OpenedNight> =>
      runStep(tools.draining, ({ owner }) => openNight(tools.openStore, schedule, version, { owner })),

    prepareTriplets: (
      schedule: ScheduleRecord,
      mine: NightlyMining,
      version: string,
    ): Promise<MiningRecord> =>
      runStep(tools.draining, () => prepareTriplets(tools.openStore, schedule, mine, version)),

    countTriplets: (record: MiningRecord): Promise<{ queries: number; triplets: number }> =>
      runStep(tools.draining, () => countTriplets(tools.openStore, record)),

    finishNight: (
      schedule: ScheduleRecord,
      night: FinishedNight,
    ): Promise<{ lineage: string; isReferenced: boolean }> =>
      runStep(tools.draining, ({ owner }) => finishNight(tools.openStore, schedule, night, owner)),
  };
}
