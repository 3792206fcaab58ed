import { VectormillError } from '../../core/errors.js';
import type { JobSummary } from '../../core/workflow-api.js';
import type { CommandDefinition } from '../define-command.js';
import { errorLines } from '../error-lines.js';
import { findJob, jobName } from '../job/find-job.js';
import { jobFailure } from '../job/job-failure.js';
import { observeJob } from '../job/observe-job.js';
import { progressLine } from '../job/progress-line.js';
import { viewJob } from '../job/progress-tracker.js';
import { summaryLines } from '../job/summary.js';
import { withJobs } from '../job/with-jobs.js';
import { lookUpSchedule } from '../schedule/find-schedule.js';
import { observeSchedule, type ScheduleObservation } from '../schedule/observe-schedule.js';
import { scheduleLines } from '../schedule/schedule-lines.js';

export const statusCommand: CommandDefinition = {
  examples: [
    'vectormill status nightly',
    'vectormill status handbook',
    'vectormill status handbook@2026-11 --json',
  ],
  async run({ arguments: [name = ''], json }) {
    return withJobs(async (client) => {
      const schedule = name.includes('@') ? undefined : await lookUpSchedule(client, name);
      if (schedule) {
        const observation = await observeSchedule(client, schedule);
        if (json) console.log(JSON.stringify(observation));
        else console.log(scheduleLines(observation).join('\n'));
        return hasFailed(observation) ? 1 : 0;
      }
      const handle = await findJob(client, name);
      const job = jobName(handle.workflowId);
      const observation = await observeJob(client, handle);
      if (observation.status === 'COMPLETED') {
        const summary = (await handle.result()) as JobSummary;
        if (json) console.log(JSON.stringify({ job, status: observation.status, ...summary }));
        else console.log(summaryLines(job, summary).join('\n'));
        return 0;
      }
      const view = viewJob(observation);
      const failure = observation.status === 'RUNNING' ? undefined : await failureOf(() => handle.result());
      if (json)
        console.log(
          JSON.stringify({
            job,
            ...view,
            failure: failure && {
              code: failure.code,
              message: failure.message,
              remedy: failure.remedy,
              file: failure.file,
              position: failure.position,
              worker: failure.worker,
            },
          }),
        );
      else if (failure) console.log(`${job} ${failureLines(observation.status, failure)}`);
      else console.log(`${job} ${progressLine(view)}`);
      return observation.status === 'RUNNING' ? 0 : 1;
    });
  },
};

/** If the error's code repeats the state, as for a cancelled job, the state is printed once. */
function failureLines(status: string, failure: VectormillError): string {
  const { code } = failure;
  return `${status === code ? status : `${status}: ${code}`}: ${errorLines(failure)}`;
}

/**
 * Returns whether a night did not finish its work, which also holds where somebody ended it by
 * hand.
 */
function hasFailed({ last }: ScheduleObservation): boolean {
  return last !== null && ['failed', 'cancelled', 'terminated', 'timed_out'].includes(last.state);
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
