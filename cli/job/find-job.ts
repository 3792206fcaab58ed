import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { EMBED_JOB, workflowId } from '../../core/workflow-api.js';
import { readMemo, unreadClient } from './unread-client.js';
import { LOCAL_WORK } from './with-jobs.js';

/**
 * Returns the job of a name: `dataset@version`, or `dataset` for the job that started last. Errors:
 * JOB_NOT_FOUND.
 */
export async function findJob(client: Client, name: string): Promise<WorkflowHandle> {
  const [dataset = '', version] = name.split('@');
  if (version) {
    const handle = client.workflow.getHandle(workflowId({ dataset, version }));
    await handle.describe().catch((cause: unknown) => {
      throw cause instanceof WorkflowNotFoundError ? notFound(name, cause) : cause;
    });
    return handle;
  }
  for await (const job of listJobs(client)) {
    if (datasetOf(job.workflowId) === dataset) return client.workflow.getHandle(job.workflowId);
  }
  throw notFound(name);
}

/** A job as the server lists it. */
export interface ListedJob {
  workflowId: string;
  /** Temporal's name for its state. */
  status: string;
  startedAt: Date;
  /** The output root. Undefined where the job does not say it, or where it cannot be read. */
  output: string | undefined;
  /** The error PAYLOAD_UNREADABLE for a job of which this process cannot read what is stored. */
  problem: VectormillError | undefined;
}

/** Yields the jobs that the server knows, the latest first. */
export async function* listJobs(client: Client): AsyncGenerator<ListedJob> {
  const jobs = unreadClient(client).workflow.list({ query: `WorkflowType = '${EMBED_JOB}'` });
  for await (const { workflowId: id, status, startTime, raw } of jobs) {
    const { value: output, problem } = await readMemo<string>(client, raw.memo, 'output');
    yield { workflowId: id, status: status.name, startedAt: startTime, output, problem };
  }
}

/** Returns the name `dataset@version` of a job's workflow id. */
export function jobName(id: string): string {
  const [, dataset, version] = id.split('/');
  return `${dataset}@${version}`;
}

function datasetOf(id: string): string | undefined {
  return id.split('/')[1];
}

function notFound(name: string, cause?: unknown): VectormillError {
  return new VectormillError('JOB_NOT_FOUND', `Temporal knows no job ${name}`, {
    component: 'cli',
    cause,
    remedy: `\`vectormill list\` shows the jobs; check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, too. ${LOCAL_WORK}`,
  });
}
