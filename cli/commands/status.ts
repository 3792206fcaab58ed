import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import type { JobSummary } from '../../core/workflow-api.js';
import type { CommandDefinition } from '../define-command.js';
import { withTemporal } from '../job/connect.js';
import { findJob, jobName } from '../job/find-job.js';
import { jobFailure } from '../job/job-failure.js';
import { type JobObservation, observeJob } from '../job/observe-job.js';
import { type JobView, ProgressTracker, progressLine } from '../job/progress-line.js';
import { summaryLines } from '../job/summary.js';

/** Activities report where they are every second. */
const BETWEEN_LOOKS_MS = 3000;

export const statusCommand: CommandDefinition = {
  usage: 'status <dataset[@version]>',
  summary: 'Show where a job is: the version named, or the one started last.',
  examples: ['vectormill status handbook', 'vectormill status handbook@2026-11 --json'],
  async run({ arguments: [name = ''], json }) {
    return withTemporal(async (client) => {
      const handle = await findJob(client, name);
      const job = jobName(handle.workflowId);
      const observation = await observeJob(client, handle);
      if (observation.status === 'COMPLETED') {
        const summary = (await handle.result()) as JobSummary;
        if (json) console.log(JSON.stringify({ job, status: observation.status, ...summary }));
        else console.log(summaryLines(job, summary).join('\n'));
        return 0;
      }
      const view = await viewOf(client, handle, observation);
      const failure = observation.status === 'RUNNING' ? undefined : await failureOf(() => handle.result());
      if (json)
        console.log(
          JSON.stringify({
            job,
            ...view,
            failure: failure && { code: failure.code, message: failure.message },
          }),
        );
      else if (failure)
        console.log(
          `${job} ${observation.status}: ${failure.code}: ${failure.message}\n  → ${failure.remedy}`,
        );
      else console.log(`${job} ${progressLine(view)}`);
      return 0;
    });
  },
};

/** A running job is looked at twice, since a rate needs two looks. */
async function viewOf(client: Client, handle: WorkflowHandle, first: JobObservation): Promise<JobView> {
  const tracker = new ProgressTracker();
  const view = tracker.view(first, performance.now());
  if (first.status !== 'RUNNING' || !first.progress) return view;
  await setTimeout(BETWEEN_LOOKS_MS);
  return tracker.view(await observeJob(client, handle), performance.now());
}

async function failureOf(result: () => Promise<unknown>): Promise<VectormillError | undefined> {
  try {
    await result();
    return undefined;
  } catch (error) {
    const failure = jobFailure(error);
    return failure instanceof VectormillError ? failure : undefined;
  }
}
