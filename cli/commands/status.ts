import { VectormillError } from '../../core/errors.js';
import type { JobSummary } from '../../core/workflow-api.js';
import type { CommandDefinition } from '../define-command.js';
import { withTemporal } from '../job/connect.js';
import { findJob, jobName } from '../job/find-job.js';
import { jobFailure } from '../job/job-failure.js';
import { observeJob } from '../job/observe-job.js';
import { progressLine } from '../job/progress-line.js';
import { summaryLines } from '../job/summary.js';
import { viewJob } from '../job/view-job.js';
import { lookUpSchedule } from '../schedule/find-schedule.js';
import { observeSchedule } from '../schedule/observe-schedule.js';
import { scheduleLines } from '../schedule/schedule-lines.js';

export const statusCommand: CommandDefinition = {
  usage: 'status <schedule|dataset[@version]>',
  summary:
    'Show what a schedule did last night; or where a job is: the version named, or the one started last.',
  examples: [
    'vectormill status nightly',
    'vectormill status handbook',
    'vectormill status handbook@2026-11 --json',
  ],
  async run({ arguments: [name = ''], json }) {
    return withTemporal(async (client) => {
      const schedule = name.includes('@') ? undefined : await lookUpSchedule(client, name);
      if (schedule) {
        const observation = await observeSchedule(client, schedule);
        if (json) console.log(JSON.stringify(observation));
        else console.log(scheduleLines(observation).join('\n'));
        return 0;
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
      const view = await viewJob(client, handle, observation);
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

async function failureOf(result: () => Promise<unknown>): Promise<VectormillError | undefined> {
  try {
    await result();
    return undefined;
  } catch (error) {
    const failure = jobFailure(error);
    return failure instanceof VectormillError ? failure : undefined;
  }
}
