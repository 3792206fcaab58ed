import type { IndexJob, IndexSummary } from '../../core/index/index-job.js';
import {
  BUILD_INDEX,
  type BuildIndexInput,
  type IndexProgress,
  indexWorkflowId,
  QUERIES,
} from '../../core/workflow-api.js';
import { activityPositions } from '../job/activity-positions.js';
import { withTemporal } from '../job/connect.js';
import { jobFailure } from '../job/job-failure.js';
import { pollWhile } from '../job/poll-while.js';

/** How long a worker may take to say how far it is, ms. */
const ANSWER_MS = 3000;

/**
 * Runs the workflow that builds an index, or attaches to it where it runs already, and waits for its end.
 * Errors: TEMPORAL_UNAVAILABLE; what the workflow failed with.
 */
export async function buildOnWorkers(
  job: IndexJob,
  onRows: (done: number, total: number) => void,
): Promise<IndexSummary> {
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
    const ask = () =>
      client.withDeadline(Date.now() + ANSWER_MS, async () => {
        const { rows, rowsTotal } = await handle.query<IndexProgress>(QUERIES.progress);
        const positions = activityPositions(await handle.describe());
        const inHand = positions.reduce((sum, position) => sum + position.rows, 0);
        onRows(Math.min(rowsTotal, rows + inHand), rowsTotal);
      });
    return pollWhile(handle.result(), ask).catch((error: unknown) => {
      throw jobFailure(error);
    });
  });
}
