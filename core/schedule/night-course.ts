import type { IndexJob, PublishedIndex } from '../index/index-job.js';
import type { JobRecord, VersionLocation } from '../job-spec.js';
import type { MiningRecord } from '../mining/mining-spec.js';
import { totalRejects } from '../reject-counts.js';
import type { CollectionResult } from '../retention/collection.js';
import type { RetentionPolicy } from '../retention/retention-policy.js';
import { lentRows } from '../reused-rows.js';
import type { JobSummary } from '../workflow-api.js';
import {
  type FinishedNight,
  type NightProgress,
  type NightStep,
  type NightSummary,
  nightVersion,
  type OpenedNight,
  type StepReport,
} from './night.js';
import { jobOfNight, type NightlyMining, type ScheduleRecord } from './schedule-record.js';

/** The record of a finished night, and what became of its ref. */
export interface FinishedRef {
  /** The URI of the lineage. */
  lineage: string;
  /** Whether the ref names the version of the night. */
  isReferenced: boolean;
  /** Set where it does not, because somebody has asked that it stays. */
  isHeld?: true;
}

/** The steps of a night as one executor runs them: workers on Temporal, or this process. */
export interface NightSteps {
  openNight(version: string): Promise<OpenedNight>;
  embed(job: JobRecord): Promise<Pick<JobSummary, 'totals' | 'reused' | 'clipped' | 'changes' | 'rejects'>>;
  prepareTriplets(mine: NightlyMining, version: string): Promise<MiningRecord>;
  mine(record: MiningRecord): Promise<unknown>;
  countTriplets(record: MiningRecord): Promise<{ queries: number; triplets: number }>;
  buildIndex(job: IndexJob): Promise<Pick<PublishedIndex, 'rows' | 'bytes' | 'recall'>>;
  finishNight(night: FinishedNight): Promise<FinishedRef>;
  /** Deletes versions that nothing needs. A failure is a result. */
  collect(location: VersionLocation, policy: RetentionPolicy): Promise<CollectionResult>;
}

/** Returns the progress of a night before its first step. Times are in ms since the epoch. */
export function nightProgress(
  { name, job, mine, index }: ScheduleRecord,
  { scheduledAt, startedAt }: Pick<NightProgress, 'scheduledAt' | 'startedAt'>,
): NightProgress {
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
    startedAt,
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

/**
 * Runs the steps of a night: embed, mine, index, then the lineage and the ref, and with `retention`
 * a collection. A night whose time was begun before goes on from what it left, whichever executor
 * ran it. `progress` is kept up to date; `now` returns ms since the epoch. Errors: those of the
 * steps; the ref then stays.
 */
export async function takeNight(
  schedule: ScheduleRecord,
  steps: NightSteps,
  { progress, now }: { progress: NightProgress; now: () => number },
): Promise<NightSummary> {
  const { output, dataset, version, scheduledAt, startedAt } = progress;
  const { isEmpty, isUnchanged, ...begun } = await steps.openNight(version);
  const { parent } = begun;
  progress.parent = parent;
  if (isEmpty || isUnchanged)
    return {
      ...progress,
      outcome: isEmpty ? 'empty' : 'unchanged',
      lineage: null,
      finishedAt: now(),
    };
  const take = async (step: NightStep, run: () => Promise<StepReport['counts']>) => {
    reportStep(progress, step, { state: 'running', startedAt: now() });
    try {
      const counts = await run();
      reportStep(progress, step, { state: 'done', finishedAt: now(), counts });
    } catch (error) {
      reportStep(progress, step, { state: 'failed', finishedAt: now() });
      throw error;
    }
  };
  const { mine, index } = schedule;
  await take('embed', async () => {
    const { totals, reused, clipped, changes, rejects } = await steps.embed(
      jobOfNight(schedule, version, begun),
    );
    const { documents, chunks, tokens } = totals;
    const since = changes && { ...changes, computed: reused?.computed ?? chunks };
    const lent = reused ? lentRows(reused) : 0;
    return {
      documents,
      chunks,
      tokens,
      rejects: totalRejects(rejects),
      ...since,
      ...(lent > 0 && { lent }),
      ...(clipped && { clipped: clipped.values }),
    };
  });
  if (mine)
    await take('mine', async () => {
      const record = await steps.prepareTriplets(mine, version);
      await steps.mine(record);
      return { ...(await steps.countTriplets(record)) };
    });
  if (index)
    await take('index', async () => {
      const { name, request } = index;
      const built = await steps.buildIndex({ location: { output, dataset, version }, name, request });
      return { rows: built.rows, bytes: built.bytes, recall: built.recall };
    });
  const finishedAt = now();
  const { lineage, ...ref } = await steps.finishNight({
    version,
    parent,
    scheduledAt,
    startedAt,
    finishedAt,
  });
  const { retention } = schedule.job.spec;
  if (retention) progress.collection = await steps.collect({ output, dataset, version }, retention);
  const outcome = schedule.job.spec.ref === 'none' ? 'unreferenced' : outcomeOf(ref);
  return { ...progress, outcome, lineage, finishedAt };
}

function outcomeOf({ isReferenced, isHeld }: Omit<FinishedRef, 'lineage'>): NightSummary['outcome'] {
  if (isReferenced) return 'complete';
  return isHeld ? 'held' : 'superseded';
}

/** Changes what a night reports on one of its steps. */
export function reportStep(progress: NightProgress, step: NightStep, change: Partial<StepReport>): void {
  progress.steps = progress.steps.map((own) => (own.step === step ? { ...own, ...change } : own));
}
