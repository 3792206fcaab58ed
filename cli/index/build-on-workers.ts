import type { IndexJob, IndexSummary } from '../../core/index/index-job.js';
import { assertSendable } from '../../core/message-size.js';
import {
  BUILD_INDEX,
  type BuildIndexInput,
  type IndexProgress,
  indexWorkflowId,
  QUERIES,
} from '../../core/workflow-api.js';
import { activityPositions } from '../job/activity-positions.js';
import { awaitWorkflow } from '../job/await-workflow.js';
import { withTemporal } from '../job/connect.js';

/**
 * Runs the workflow that builds an index, or attaches to it where it already runs, and waits for
 * its end. Resolves to undefined where the signal ended the wait; the workflow then goes on.
 * Errors: TEMPORAL_UNAVAILABLE; the error with which the workflow failed.
 */
export async function buildOnWorkers(
  job: IndexJob,
  { signal, onRows }: { signal: AbortSignal; onRows: (done: number, total: number) => void },
): Promise<IndexSummary | undefined> {
  assertSendable(job, { what: 'the request for an index' });
  return withTemporal(async (client) => {
    const handle = await client.workflow.start<(input: BuildIndexInput) => Promise<IndexSummary>>(
      BUILD_INDEX,
      {
        workflowId: indexWorkflowId(job),
        taskQueue: 'control',
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        args: [{ job }],
      },
    );
    const ask = async () => {
      const { rows, rowsTotal } = await handle.query<IndexProgress>(QUERIES.progress);
      const positions = await activityPositions(client, await handle.describe());
      const inHand = positions.reduce((sum, position) => sum + position.rows, 0);
      if (!signal.aborted) onRows(Math.min(rowsTotal, rows + inHand), rowsTotal);
    };
    return (await awaitWorkflow<IndexSummary>(client, handle, { signal, ask }))?.result;
  });
}
