import type { NightProgress, NightSummary } from '../core/schedule/night.js';
import { type NightSteps, nightProgress, takeNight } from '../core/schedule/night-course.js';
import type { ScheduleRecord } from '../core/schedule/schedule-record.js';
import { availableCores } from '../engine/concurrency/available-cores.js';
import type { Listing } from '../engine/corpus/list-objects.js';
import { planIndex } from '../engine/index/build-index.js';
import { openMining } from '../engine/mining/open-mining.js';
import { collectAfter } from '../engine/retention/collect-after.js';
import { finishNight } from '../engine/schedule/finish-night.js';
import { countTriplets, prepareTriplets } from '../engine/schedule/nightly-mining.js';
import { openNight } from '../engine/schedule/open-night.js';
import { resolveVersion } from '../engine/version/resolve-version.js';
import { untilDone } from './attempts.js';
import { buildIndexLocally } from './build-index.js';
import type { LocalTools } from './local-tools.js';
import { mineLocally } from './mine.js';
import { type LocalJob, type LocalProgress, runJobLocally } from './run-job.js';
import { thisProcess } from './this-process.js';

/** A night in this process as it is at one moment. */
export interface LocalNightProgress {
  night: NightProgress;
  /** The job that embeds, while it runs. */
  embedding: LocalProgress | undefined;
  /** The work of another step: its phase, and what of it is done. */
  work: { phase: string; done: number; total: number } | undefined;
}

export interface LocalNight {
  /** Rejects with CANCELLED after the signal was aborted, and with what a step failed with. */
  done: Promise<NightSummary>;
  observe(): LocalNightProgress;
}

/**
 * Runs the night of a schedule in this process, with the steps that workers run. The night of the
 * same time goes on from what an earlier run left, wherever that ran. Once `signal` is aborted it
 * ends with CANCELLED when what is in hand is finished. `onRetry` is called before a step is tried
 * again, with what it failed with; the job that embeds reports its own attempts. `listing` is what
 * the input held a moment ago, if it was listed already.
 */
export function runNightLocally(
  schedule: ScheduleRecord,
  scheduledAt: number,
  tools: LocalTools,
  {
    signal,
    onRetry,
    listing,
  }: { signal: AbortSignal; onRetry: (error: Error) => void; listing?: Listing | undefined },
): LocalNight {
  const night = nightProgress(schedule, { scheduledAt, startedAt: Date.now() });
  let job: LocalJob | undefined;
  let work: LocalNightProgress['work'];
  const { openStore } = tools;
  const attempt = <T>(step: () => Promise<T>) => untilDone(step, { signal, onRetry });
  const show = (phase: string) => (done: number, total: number) => {
    work = { phase, done, total };
  };
  const steps: NightSteps = {
    openNight: (version) =>
      attempt(() => openNight(openStore, schedule, version, { owner: thisProcess(), listing })),
    embed: async (record) => {
      job = runJobLocally(record, tools, signal);
      const summary = await job.done;
      job = undefined;
      return summary;
    },
    prepareTriplets: (mine, version) => attempt(() => prepareTriplets(openStore, schedule, mine, version)),
    mine: async (record) => {
      const { output, dataset, version: selector } = record.spec;
      const version = await resolveVersion(openStore(output), { dataset, selector });
      const mining = openMining(version, record.spec);
      const onProgress = (phase: string, done: number, total: number) => show(phase)(done, total);
      await mineLocally(tools.miningOf(record), mining, record, { signal, onProgress, onRetry });
      work = undefined;
    },
    countTriplets: (record) => attempt(() => countTriplets(openStore, record)),
    buildIndex: async ({ location, name, request }) => {
      const { output, dataset, version: selector } = location;
      const version = await resolveVersion(openStore(output), { dataset, selector });
      const { manifest } = await buildIndexLocally(version, await planIndex(version, name, request), {
        threads: availableCores(),
        signal,
        onRows: show('building'),
        onGate: show('measuring'),
        onRetry,
      });
      work = undefined;
      return { rows: manifest.source.rows, bytes: manifest.bytes, recall: manifest.gate.recall };
    },
    collect: (location, policy) =>
      attempt(() => collectAfter(openStore, location, policy, { signal, onDeleted: () => {} })),
    finishNight: (finished) => attempt(() => finishNight(openStore, schedule, finished, thisProcess())),
  };
  return {
    done: takeNight(schedule, steps, { progress: night, now: () => Date.now() }),
    observe: () => ({ night, embedding: job?.observe(), work }),
  };
}
