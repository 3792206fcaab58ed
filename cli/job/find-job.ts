import {
  type Client,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { VectormillError } from '../../core/errors.js';
import { EMBED_JOB, workflowId } from '../../core/workflow-api.js';

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

/** Yields the jobs that the server knows, the latest first. */
export function listJobs(client: Client): AsyncIterable<WorkflowExecutionInfo> {
  return client.workflow.list({ query: `WorkflowType = '${EMBED_JOB}'` });
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
    remedy: '`vectormill list` shows the jobs; check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, too.',
  });
}
