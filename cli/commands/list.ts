import type { CommandDefinition } from '../define-command.js';
import { withTemporal } from '../job/connect.js';
import { jobName, listJobs } from '../job/find-job.js';
import { wholeNumber } from '../option-values.js';

export const listCommand: CommandDefinition = {
  usage: 'list',
  summary: 'List the jobs that Temporal knows, the latest first.',
  examples: ['vectormill list', 'vectormill list --limit 5 --json'],
  options: [
    { flags: '--limit <n>', description: 'jobs to show', fallback: 50, parse: wholeNumber(1, 10_000) },
  ],
  async run({ options, json }) {
    return withTemporal(async (client) => {
      const jobs: { job: string; status: string; startedAt: string; output: unknown }[] = [];
      for await (const { workflowId, status, startTime, memo } of listJobs(client)) {
        if (jobs.length >= Number(options.limit)) break;
        jobs.push({
          job: jobName(workflowId),
          status: status.name,
          startedAt: startTime.toISOString(),
          output: memo?.output,
        });
      }
      if (json) console.log(JSON.stringify(jobs));
      else if (jobs.length === 0) console.log('No jobs yet; `vectormill run job.yaml` starts one.');
      for (const { job, status, startedAt, output } of json ? [] : jobs) {
        console.log(`${startedAt}  ${status.padEnd(10)}  ${job}  ${output ?? ''}`);
      }
      return 0;
    });
  },
};
