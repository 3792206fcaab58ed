import { isVectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import type { JobSummary } from '../../core/workflow-api.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { localTools } from '../../local/local-tools.js';
import { type LocalJob, runJobLocally } from '../../local/run-job.js';
import { type EndSignal, exitCodeOfDetaching, type Interruption, interruptible } from '../interruptible.js';
import { type InputFinding, inputFindingLines } from './complete-job.js';
import type { JobObservation } from './observe-job.js';
import { showJobProgress } from './show-job-progress.js';
import { summaryLines } from './summary.js';

/**
 * Runs a job in this process to its end, or until it is interrupted, and prints how it ended.
 * Resolves to the exit code. `again` is the command that goes on with a paused job. Errors: the
 * job's own.
 */
export async function runHere(
  job: JobRecord,
  openStore: StoreOpener,
  how: { again: string; json: boolean; input: (() => Promise<InputFinding>) | undefined },
): Promise<number> {
  const name = `${job.spec.dataset}@${job.spec.version}`;
  const { json } = how;
  const end = await interruptible((interruption) => runLocally(job, openStore, { interruption, json }));
  if (end.kind === 'done') return printSummary(name, end.summary, await how.input?.(), json);
  if (json) console.log(JSON.stringify({ job: name, paused: true }));
  else console.error(`${name} is paused: its finished parts are kept. \`${how.again}\` goes on with it.`);
  return exitCodeOfDetaching(end.by);
}

/** Prints a finished job's summary and its input's changes since the plan. Returns exit code 0. */
export function printSummary(
  name: string,
  summary: JobSummary,
  input: InputFinding | undefined,
  json: boolean,
): number {
  if (json) console.log(JSON.stringify({ job: name, ...summary, ...input }));
  else console.log([...summaryLines(name, summary), ...inputFindingLines(name, input)].join('\n'));
  return 0;
}

type LocalEnd = { kind: 'done'; summary: JobSummary } | { kind: 'paused'; by: EndSignal | undefined };

/**
 * Runs a job in this process and shows its progress. The first interruption pauses the job once its
 * current parts are finished; the same command then continues it. Errors: the job's own.
 */
async function runLocally(
  job: JobRecord,
  openStore: StoreOpener,
  { interruption: { signal, by }, json }: { interruption: Interruption; json: boolean },
): Promise<LocalEnd> {
  const { tools, close } = localTools(openStore);
  const running = runJobLocally(job, tools, signal);
  const stopShowing = showJobProgress(async () => observationOf(running, signal), json);
  try {
    return { kind: 'done', summary: await running.done };
  } catch (error) {
    if (signal.aborted && isVectormillError(error) && error.code === 'CANCELLED')
      return { kind: 'paused', by: by() };
    throw error;
  } finally {
    await stopShowing();
    await close();
  }
}

/** Returns the job as `status` would show it if it ran on Temporal. */
function observationOf(running: LocalJob, signal: AbortSignal): JobObservation {
  const { progress, stage, totals, positions, retries, lastFailure } = running.observe();
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
