import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { EMBED_JOB, type EmbedJobInput, workflowId } from '../../core/workflow-api.js';
import { estimateJob } from '../../engine/job/estimate-job.js';
import { type JobOverrides, prepareJob } from '../../engine/job/prepare-job.js';
import { type StoreOpener, storeCache } from '../../engine/store/store-cache.js';
import { assertSameJob } from '../../engine/version/create-version.js';
import type { CommandDefinition } from '../define-command.js';
import { executorOf, executorOptions, orLocally } from '../executor-options.js';
import { interruptible } from '../interruptible.js';
import { findInputDifferences, type InputFinding, printComplete } from '../job/complete-job.js';
import { assertLetIn, withTemporal } from '../job/connect.js';
import { printDetached } from '../job/detach.js';
import { estimateLines, estimateNotes } from '../job/estimate-lines.js';
import { jobCancelling } from '../job/job-cancelling.js';
import { isCancelling } from '../job/observe-job.js';
import { readJobFile } from '../job/read-job-file.js';
import { printSummary, runHere } from '../job/run-locally.js';
import { watchJob } from '../job/watch-job.js';
import { nightOptions, nightOptionsOf } from '../night/night-options.js';
import { properName } from '../option-values.js';
import { showProgress } from '../progress.js';
import { temporalSettings } from '../temporal/temporal-settings.js';
import { typedCommand } from '../typed-command.js';

export const runCommand: CommandDefinition = {
  examples: [
    'vectormill run job.yaml',
    'vectormill run job.yaml --local',
    'vectormill run job.yaml --version 2026-12',
    'vectormill run job.yaml --dry-run',
    'vectormill run job.yaml --detach --json',
    'vectormill run job.yaml --allow-deletes 2000',
  ],
  options: [
    ...executorOptions('temporal', { queues: 'chunk-cpu and embed-cpu or embed-gpu' }),
    { flags: '--detach', description: 'start the job and return at once' },
    {
      flags: '--dry-run',
      description:
        'show what the job would read and make, from a sample where the corpus is large; nothing is written or started, and no Temporal is needed',
    },
    {
      flags: '--version <name>',
      description: "the version to make, in place of the job file's",
      parse: properName,
    },
    ...nightOptions,
  ],
  async run({ words, arguments: [file = ''], options, json }) {
    const executor = executorOf(options, 'temporal');
    if (executor === 'local' && options.detach === true) throw detachedLocally();
    const stores = storeCache();
    try {
      const text = await readJobFile(file, 'README.md');
      const version = options.version as string | undefined;
      const overrides = { version, ...nightOptionsOf(options) };
      if (options.dryRun === true) return await dryRun({ file, text, overrides }, stores.open, json);
      // Wrong settings are refused before the model is looked at, which takes longer.
      if (executor === 'temporal') temporalSettings();
      const mayStart = (own: JobRecord) =>
        orLocally(() => withTemporal((client) => assertMayStart(client, own)));
      const beforeWriting = executor === 'temporal' ? mayStart : undefined;
      const { job, versionState } = await prepareJob(file, text, stores.open, overrides, beforeWriting);
      if (versionState === 'complete' && (await printComplete(job, stores.open, json))) return 0;
      // The input is compared only for a version that was begun earlier: its plan may be older
      // than the input.
      const input = versionState === 'new' ? undefined : () => findInputDifferences(job, stores.open);
      if (executor === 'local')
        return await runHere(job, stores.open, { json, again: typedCommand(words), input });
      const how = { detach: options.detach === true, json, input };
      return await orLocally(() => withTemporal((client) => runJob(client, job, how)));
    } finally {
      await stores.close();
    }
  },
};

async function dryRun(
  { file, text, overrides }: { file: string; text: string; overrides: JobOverrides },
  openStore: StoreOpener,
  json: boolean,
): Promise<number> {
  const progress = showProgress('sampled', 'places', json);
  try {
    const onPlace = progress.update;
    const estimate = await estimateJob(file, text, openStore, { ...overrides, onPlace });
    progress.stop();
    const { job, versionState, ...numbers } = estimate;
    const { dataset, version: name } = job.spec;
    if (json)
      console.log(
        JSON.stringify({
          job: `${dataset}@${name}`,
          dryRun: true,
          fingerprint: job.fingerprint,
          standing: versionState,
          ...numbers,
          notes: estimateNotes(estimate),
        }),
      );
    else console.log(estimateLines(estimate).join('\n'));
    return 0;
  } finally {
    progress.stop();
  }
}

async function runJob(
  client: Client,
  job: JobRecord,
  how: { detach: boolean; json: boolean; input: (() => Promise<InputFinding>) | undefined },
): Promise<number> {
  const name = `${job.spec.dataset}@${job.spec.version}`;
  if (how.detach) return detached(name, await startJob(client, job), how.json);
  const end = await interruptible(async (interruption) => {
    const { handle, found } = await startJob(client, job);
    if (found !== 'nothing') console.error(ATTACHED[found](name));
    return watchJob(client, handle, { interruption, json: how.json });
  });
  if (end.kind === 'detached')
    return printDetached(
      {
        name,
        json: { job: name },
        next: `\`vectormill status ${name}\` shows it, \`vectormill cancel ${name}\` ends it.`,
      },
      end.by,
      how.json,
    );
  return printSummary(job, end.summary, { input: await how.input?.(), json: how.json });
}

function detachedLocally(): VectormillError {
  return new VectormillError('USAGE', '--detach leaves a job to workers, and --local runs it here', {
    component: 'cli',
    remedy: 'Give one of the two.',
  });
}

/** The message about a job that already ran before this command. */
const ATTACHED = {
  running: (name: string) => `${name} is running already; attached to it.`,
  cancelling: (name: string) =>
    `${name} is being cancelled; attached to it until it has ended. The same command then goes on from what is finished.`,
} as const;

interface StartedJob {
  handle: WorkflowHandle;
  /** The state in which the workflow under the job's name was found. */
  found: 'nothing' | keyof typeof ATTACHED;
}

/**
 * Checks that the server lets this client in, and that no other job runs under the name of this
 * one. Errors: those of `assertSameJob`.
 */
async function assertMayStart(client: Client, job: JobRecord): Promise<void> {
  await assertLetIn(client);
  const found = await client.workflow
    .getHandle(workflowId(job.spec))
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });
  if (found?.status.name === 'RUNNING') assertSameJob(job, found.memo?.job as JobRecord);
}

/**
 * Attaches to a job that is running. A job that has ended is run again and finds what it left.
 * Errors: those of `assertSameJob`, where another job runs under the same name, such as one with
 * another output.
 */
async function startJob(client: Client, job: JobRecord): Promise<StartedJob> {
  const { dataset, version, output } = job.spec;
  const id = workflowId(job.spec);
  try {
    const handle = await client.workflow.start<(input: EmbedJobInput) => Promise<unknown>>(EMBED_JOB, {
      workflowId: id,
      taskQueue: 'control',
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      memo: { dataset, version, output, job },
      args: [{ job }],
    });
    return { handle, found: 'nothing' };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const handle = client.workflow.getHandle(id);
    const description = await handle.describe();
    assertSameJob(job, description.memo?.job as JobRecord);
    return { handle, found: isCancelling(description) ? 'cancelling' : 'running' };
  }
}

/**
 * Errors: JOB_CANCELLING where the job that was found is being cancelled, so that nothing was
 * started.
 */
function detached(name: string, { handle, found }: StartedJob, json: boolean): number {
  if (found === 'cancelling') throw jobCancelling(name);
  const state = found === 'running' ? 'is running already' : 'is started';
  if (json) console.log(JSON.stringify({ job: name, workflowId: handle.workflowId }));
  else console.log(`${name} ${state}; \`vectormill status ${name}\` shows it.`);
  return 0;
}
