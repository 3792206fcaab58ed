import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  type NightInput,
  type NightProgress,
  type NightStep,
  type NightSummary,
  nightVersion,
} from '../core/schedule/night.js';
import type { ScheduleRecord } from '../core/schedule/schedule-record.js';
import { QUERIES } from '../core/workflow-api.js';
import { nightControl } from './activity-proxies.js';
import { nightFailure } from './night-failure.js';
import { buildNightlyIndex, embedCorpus, mineTriplets, takeStep } from './night-steps.js';

/**
 * Embeds, mines and indexes, then writes the lineage and moves the ref. Each step is the same
 * workflow that runs by itself. The version is named after the time that the schedule set, so that
 * a night that is run again for that time continues what it left. A night fails with the code of
 * the step that failed; the ref then stays where it was.
 */
export async function nightlyJob({ schedule }: NightInput): Promise<NightSummary> {
  const progress = newProgress(schedule);
  setHandler(defineQuery<NightProgress>(QUERIES.progress), () => progress);
  try {
    return await runNight(schedule, progress);
  } catch (error) {
    throw nightFailure(error, progress);
  }
}

async function runNight(schedule: ScheduleRecord, progress: NightProgress): Promise<NightSummary> {
  const { version, scheduledAt, startedAt } = progress;
  const { parent, editions, isEmpty } = await nightControl.openNight(schedule, version);
  if (isEmpty) return { ...progress, outcome: 'empty', lineage: null, finishedAt: Date.now() };
  progress.parent = parent;
  const own = { schedule, progress, editions };
  const { mine, index } = schedule;
  await takeStep(own, 'embed', () => embedCorpus(own));
  if (mine) await takeStep(own, 'mine', () => mineTriplets(own, mine));
  if (index) await takeStep(own, 'index', () => buildNightlyIndex(own, index));
  const finishedAt = Date.now();
  const { lineage, isReferenced } = await nightControl.finishNight(schedule, {
    version,
    parent,
    scheduledAt,
    startedAt,
    finishedAt,
  });
  const unmoved = schedule.job.spec.ref === 'none' ? 'unreferenced' : 'superseded';
  return { ...progress, outcome: isReferenced ? 'complete' : unmoved, lineage, finishedAt };
}

function newProgress({ name, job, mine, index }: ScheduleRecord): NightProgress {
  const { startTime, searchAttributes } = workflowInfo();
  // The time that the schedule set, or the time of a trigger. The server adds it to whatever a
  // schedule starts.
  const [scheduled] = searchAttributes.TemporalScheduledStartTime ?? [];
  const scheduledAt = (scheduled instanceof Date ? scheduled : startTime).getTime();
  const { output, dataset, ref } = job.spec;
  const steps: NightStep[] = ['embed'];
  if (mine) steps.push('mine');
  if (index) steps.push('index');
  return {
    schedule: name,
    output,
    dataset,
    version: nightVersion(name, scheduledAt),
    scheduledAt,
    startedAt: startTime.getTime(),
    parent: null,
    ref,
    steps: steps.map((step) => ({
      step,
      state: 'waiting',
      workflowId: null,
      startedAt: null,
      finishedAt: null,
      counts: {},
    })),
  };
}
