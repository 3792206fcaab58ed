import { VectormillError } from '../../core/errors.js';
import type { JobSummary } from '../../core/workflow-api.js';
import type { CommandDefinition } from '../define-command.js';
import { withTemporal } from '../job/connect.js';
import { findJob, jobName } from '../job/find-job.js';
import { jobFailure } from '../job/job-failure.js';
import { observeJob } from '../job/observe-job.js';
import { ProgressTracker, progressLine } from '../job/progress-line.js';
import { summaryLines } from '../job/summary.js';

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
      const view = new ProgressTracker().view(observation, 0);
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
