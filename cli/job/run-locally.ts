import type { JobRecord } from '../../core/job-spec.js';
import { type JobSummary, workflowId } from '../../core/workflow-api.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { localTools } from '../../local/local-tools.js';
import { type LocalProgress, runJobLocally } from '../../local/run-job.js';
import { type InputFinding, inputFindingLines } from './complete-job.js';
import { nextLines } from './next-lines.js';
import type { JobObservation } from './observe-job.js';
import { printPaused, untilPaused } from './pause.js';
import { showJobProgress } from './show-job-progress.js';
import { summaryLines } from './summary.js';

/**
 * Runs a job in this process to its end, or until it is interrupted, and prints how it ended.
 * Resolves to the exit code. `again` is the command that goes on with a paused job, and `next`
 * holds more commands to try once it is complete. Errors: the job's own.
 */
export async function runHere(
  job: JobRecord,
  openStore: StoreOpener,
  how: {
    again: string;
    json: boolean;
    input: (() => Promise<InputFinding>) | undefined;
    next?: readonly string[];
  },
): Promise<number> {
  const name = `${job.spec.dataset}@${job.spec.version}`;
  const { json } = how;
  const same = { workflowIds: [workflowId(job.spec)], output: job.spec.output, json };
  const end = await untilPaused(same, ({ signal }) => runLocally(job, openStore, { signal, json }));
  if (end.kind === 'paused') return printPaused({ name, json: { job: name }, again: how.again }, end, json);
  const { value: summary, alsoOnTemporal } = end;
  const { next } = how;
  return printSummary(job, { ...summary, alsoOnTemporal }, { input: await how.input?.(), json, next });
}

/**
 * Prints a finished job's summary, its input's changes since the plan, and the commands to try
 * next. Returns exit code 0.
 */
export function printSummary(
  { spec }: JobRecord,
  summary: JobSummary & { alsoOnTemporal?: string | undefined },
  {
    input,
    json,
    next,
  }: { input: InputFinding | undefined; json: boolean; next?: readonly string[] | undefined },
): number {
  const name = `${spec.dataset}@${spec.version}`;
  const lines = () => [
    ...summaryLines(name, summary),
    ...inputFindingLines(name, input),
    ...nextLines(spec, next),
  ];
  console.log(json ? JSON.stringify({ job: name, ...summary, ...input }) : lines().join('\n'));
  return 0;
}

/**
 * Runs a job in this process and shows its progress. Errors: the job's own, and CANCELLED once the
 * signal was aborted and the current parts are finished.
 */
async function runLocally(
  job: JobRecord,
  openStore: StoreOpener,
  { signal, json }: { signal: AbortSignal; json: boolean },
): Promise<JobSummary> {
  const { tools, close } = localTools(openStore);
  const running = runJobLocally(job, tools, signal);
  const stopShowing = showJobProgress(async () => localObservation(running.observe(), signal), json);
  try {
    return await running.done;
  } finally {
    await stopShowing();
    await close();
  }
}

/** Returns the job as `status` would show it if it ran on Temporal. */
export function localObservation(running: LocalProgress, signal: AbortSignal): JobObservation {
  const { progress, stage, totals, positions, retries, lastFailure } = running;
  return {
    status: 'RUNNING',
    isCancelling: false,
    stage,
    progress: { ...progress, paused: signal.aborted },
    totals,
    positions,
    retries,
    lastFailure,
    failure: undefined,
    unserved: [],
    at: Date.now(),
  };
}
