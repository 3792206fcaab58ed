import { isVectormillError } from '../../core/errors.js';
import type { NightProgress, NightSummary } from '../../core/schedule/night.js';
import { nightVersion } from '../../core/schedule/night.js';
import type { ScheduleRecord } from '../../core/schedule/schedule-record.js';
import { indexWorkflowId, miningWorkflowId, workflowId } from '../../core/workflow-api.js';
import type { Listing } from '../../engine/corpus/list-objects.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { localTools } from '../../local/local-tools.js';
import { type LocalNight, runNightLocally } from '../../local/run-night.js';
import { errorMessage } from '../error-lines.js';
import { type LocalEnd, untilPaused } from '../job/pause.js';
import { count, progressLine } from '../job/progress-line.js';
import { ProgressTracker } from '../job/progress-tracker.js';
import { localObservation } from '../job/run-locally.js';
import { sayRetry } from '../progress.js';
import { knownError } from '../report-error.js';
import { NightLine, nightDisplay } from '../schedule/night-line.js';
import type { NightObservation } from '../schedule/observe-night.js';

/**
 * Runs a night in this process and shows its progress on stderr. It ends with the report that
 * workers' nights have, also where a step failed, or is paused. `listing` is what the input held
 * a moment ago.
 */
export function runNightHere(
  schedule: ScheduleRecord,
  scheduledAt: number,
  openStore: StoreOpener,
  { json, listing }: { json: boolean; listing: Listing | undefined },
): Promise<LocalEnd<NightObservation>> {
  const same = { workflowIds: workflowsOf(schedule, scheduledAt), output: schedule.job.spec.output, json };
  return untilPaused(same, async ({ signal }) => {
    const { tools, close } = localTools(openStore);
    const onRetry = (error: Error) => sayRetry(error, json);
    const running = runNightLocally(schedule, scheduledAt, tools, { signal, onRetry, listing });
    const stopShowing = showNight(running, signal, json);
    try {
      return reportOf(await running.done);
    } catch (error) {
      if (signal.aborted && isVectormillError(error) && error.code === 'CANCELLED') throw error;
      return failedReport(running.observe().night, error);
    } finally {
      stopShowing();
      await close();
    }
  });
}

/** Returns the ids of the workflows that would run the steps of the same night. */
function workflowsOf({ name, job, mine, index }: ScheduleRecord, scheduledAt: number): string[] {
  const { output, dataset } = job.spec;
  const version = nightVersion(name, scheduledAt);
  const location = { output, dataset, version };
  return [
    workflowId(location),
    ...(mine ? [miningWorkflowId({ dataset, version, name: mine.spec.name })] : []),
    ...(index ? [indexWorkflowId({ location, name: index.name })] : []),
  ];
}

function showNight(running: LocalNight, signal: AbortSignal, json: boolean): () => void {
  const show = nightDisplay(json);
  const tracker = new ProgressTracker();
  const line = new NightLine();
  const timer = setInterval(() => {
    const { night, embedding, work } = running.observe();
    const job = embedding && tracker.view(localObservation(embedding, signal), performance.now());
    const view = work && {
      fraction: work.total > 0 ? work.done / work.total : 0,
      words: `${work.phase} · ${count(work.done)}/${count(work.total)}`,
    };
    show(line.of(night, job ? progressLine(job) : null, view));
  }, show.intervalMs);
  return () => {
    clearInterval(timer);
    show.stop();
  };
}

function reportOf({ outcome, lineage, finishedAt, ...night }: NightSummary): NightObservation {
  return { ...baseOf(night, finishedAt), state: outcome, lineage };
}

function failedReport(night: NightProgress, error: unknown): NightObservation {
  const known = knownError(error);
  const step = night.steps.find(({ state }) => state === 'failed')?.step ?? null;
  const failure = { step, code: known.code, message: errorMessage(known), remedy: known.remedy };
  return { ...baseOf(night, Date.now()), state: 'failed', failure };
}

function baseOf(night: NightProgress, finishedAt: number): Omit<NightObservation, 'state'> {
  return {
    workflowId: null,
    scheduledAt: new Date(night.scheduledAt).toISOString(),
    startedAt: new Date(night.startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    tookMs: finishedAt - night.startedAt,
    night,
    lineage: null,
    failure: null,
    embedding: null,
  };
}
