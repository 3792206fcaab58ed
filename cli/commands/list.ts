import { storeCache } from '../../engine/store/store-cache.js';
import type { CommandDefinition } from '../define-command.js';
import { type DatasetState, datasetStates, type VersionState } from '../job/dataset-states.js';
import { jobName, listJobs } from '../job/find-job.js';
import { withJobs } from '../job/with-jobs.js';
import { oneOf, wholeNumber } from '../option-values.js';
import { columns } from '../print.js';

/** The states of a job, by Temporal's names. */
const STATES = ['running', 'completed', 'failed', 'cancelled', 'terminated', 'timed_out'] as const;

export const listCommand: CommandDefinition = {
  examples: [
    'vectormill list',
    'vectormill list --status',
    'vectormill list --status failed',
    'vectormill list --limit 5 --json',
  ],
  options: [
    { flags: '--limit <n>', description: 'jobs to show', fallback: 50, parse: wholeNumber(1, 10_000) },
    {
      flags: '--status [state]',
      description: `list the datasets of these jobs with their versions instead: the state of each job, whether the version can be read, and which refs name it; with a state (${STATES.join(', ')}), only the versions in it`,
      parse: oneOf(STATES),
    },
  ],
  async run({ options, json }) {
    const limit = Number(options.limit);
    if (options.status !== undefined) return listDatasets(limit, options.status, json);
    return withJobs(async (client) => {
      const jobs: JobLine[] = [];
      for await (const { workflowId, status, startedAt, output, problem } of listJobs(client)) {
        if (jobs.length >= limit) break;
        jobs.push({
          job: jobName(workflowId),
          status,
          startedAt: startedAt.toISOString(),
          output: output ?? null,
          problem: problem ? `${problem.code}: ${problem.message}` : null,
        });
      }
      if (json) console.log(JSON.stringify(jobs));
      else if (jobs.length === 0) console.log('No jobs yet; `vectormill run job.yaml` starts one.');
      for (const { job, status, startedAt, output, problem } of json ? [] : jobs) {
        const place = problem === null ? (output ?? '') : `unreadable: ${problem}`;
        console.log(`${startedAt}  ${status.padEnd(10)}  ${job}  ${place}`);
      }
      return 0;
    });
  },
};

/** A job as it is printed. */
interface JobLine {
  job: string;
  status: string;
  /** The time in ISO 8601. */
  startedAt: string;
  output: string | null;
  /** The reason why what Temporal stores of the job cannot be read; null where it can. */
  problem: string | null;
}

async function listDatasets(limit: number, state: unknown, json: boolean): Promise<number> {
  const stores = storeCache();
  try {
    const all = await withJobs((client) => datasetStates(client, stores.open, limit));
    const datasets = typeof state === 'string' ? onlyIn(all, state) : all;
    if (json) console.log(JSON.stringify(datasets));
    else if (datasets.length === 0)
      console.log(
        typeof state === 'string'
          ? `No version has a job with the status ${state}.`
          : 'No jobs yet; `vectormill run job.yaml` starts one.',
      );
    for (const dataset of json ? [] : datasets) console.log(datasetLines(dataset).join('\n'));
    return 0;
  } finally {
    await stores.close();
  }
}

function onlyIn(datasets: readonly DatasetState[], state: string): DatasetState[] {
  return datasets
    .map((dataset) => ({
      ...dataset,
      versions: dataset.versions.filter(({ status }) => status?.toLowerCase() === state),
    }))
    .filter(({ versions }) => versions.length > 0);
}

function datasetLines({ dataset, output, versions, problem }: DatasetState): string[] {
  return [
    `${dataset} in ${output ?? 'a place that cannot be read'}`,
    ...columns(versions.map(versionCells)).map((line) => `  ${line}`),
    ...(problem === null
      ? []
      : [`  ${output === null ? 'unreadable' : 'its place cannot be read'}: ${problem}`]),
  ];
}

function versionCells({ version, status, startedAt, readable, refs }: VersionState): string[] {
  const isReadable = readable === null ? '' : readable ? 'readable' : 'not readable yet';
  return [version, status ?? 'no job known', startedAt ?? '', isReadable, refs.join(', ')];
}
