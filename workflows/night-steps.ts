import { ChildWorkflowCancellationType, executeChild, ParentClosePolicy } from '@temporalio/workflow';
import type { Editions } from '../core/editions.js';
import type { IndexJob } from '../core/index/index-job.js';
import { totalRejects } from '../core/reject-counts.js';
import type { NightProgress, NightStep, StepReport } from '../core/schedule/night.js';
import {
  jobOfNight,
  type NightlyIndex,
  type NightlyMining,
  type ScheduleRecord,
} from '../core/schedule/schedule-record.js';
import { indexWorkflowId, miningWorkflowId, workflowId } from '../core/workflow-api.js';
import { nightControl } from './activity-proxies.js';
import { buildIndex } from './build-index.js';
import { embedJob } from './embed-job.js';
import { mineJob } from './mine-job.js';

/** A night that is cancelled ends when its step has ended. */
const CHILD = {
  parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
  cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/** The values that a step needs to know about its night. */
export interface Night {
  readonly schedule: ScheduleRecord;
  readonly progress: NightProgress;
  /**
   * The editions under which the night's version is begun. Absent in histories of releases that
   * counted no editions.
   */
  readonly editions: Editions | undefined;
}

/** Runs a step and keeps the night's report on it. */
export async function takeStep(
  { progress }: Pick<Night, 'progress'>,
  step: NightStep,
  run: () => Promise<StepReport['counts']>,
): Promise<void> {
  report(progress, step, { state: 'running', startedAt: Date.now() });
  try {
    const counts = await run();
    report(progress, step, { state: 'done', finishedAt: Date.now(), counts });
  } catch (error) {
    report(progress, step, { state: 'failed', finishedAt: Date.now() });
    throw error;
  }
}

/**
 * Runs the step as the same job that `vectormill run` starts. `status`, `pause` and `cancel` find
 * it by the version.
 */
export async function embedCorpus({ schedule, progress, editions }: Night): Promise<StepReport['counts']> {
  const job = jobOfNight(schedule, progress.version, { parent: progress.parent, editions });
  const { output, dataset, version } = job.spec;
  const id = workflowId(job.spec);
  report(progress, 'embed', { workflowId: id });
  const { totals, rejects } = await executeChild(embedJob, {
    ...CHILD,
    workflowId: id,
    memo: { dataset, version, output, job },
    args: [{ job }],
  });
  const { documents, chunks, tokens } = totals;
  return { documents, chunks, tokens, rejects: totalRejects(rejects) };
}

export async function mineTriplets(
  { schedule, progress }: Night,
  mine: NightlyMining,
): Promise<StepReport['counts']> {
  const record = await nightControl.prepareTriplets(schedule, mine, progress.version);
  const id = miningWorkflowId(record.spec);
  report(progress, 'mine', { workflowId: id });
  const { concurrency } = schedule.job.spec.limits;
  await executeChild(mineJob, { ...CHILD, workflowId: id, args: [{ record, concurrency }] });
  return { ...(await nightControl.countTriplets(record)) };
}

export async function buildNightlyIndex(
  { progress }: Night,
  { name, request }: NightlyIndex,
): Promise<StepReport['counts']> {
  const { output, dataset, version } = progress;
  const job: IndexJob = { location: { output, dataset, version }, name, request };
  const id = indexWorkflowId(job);
  report(progress, 'index', { workflowId: id });
  const { rows, bytes, recall } = await executeChild(buildIndex, {
    ...CHILD,
    workflowId: id,
    args: [{ job }],
  });
  return { rows, bytes, recall };
}

function report(progress: NightProgress, step: NightStep, change: Partial<StepReport>): void {
  progress.steps = progress.steps.map((own) => (own.step === step ? { ...own, ...change } : own));
}
