import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  isCancellation,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { IndexSummary } from '../core/index/index-job.js';
import { type BuildIndexInput, type IndexProgress, QUERIES } from '../core/workflow-api.js';
import { indexCpu } from './activity-proxies.js';

/** Events at which a run starts afresh, far below the server's warning at 10,240. */
const HISTORY_LIMIT = 5000;

/** Shards in flight at once; a worker takes one, and the others wait for workers. */
const WINDOW = 32;

/**
 * Builds every shard of an index that is not built yet, then measures and publishes it. After a failure it starts no
 * further shard, stops those in flight, and fails with the first.
 */
export async function buildIndex({ job, from }: BuildIndexInput): Promise<IndexSummary> {
  const progress: IndexProgress = { stage: 'planning', rows: from?.rows ?? 0, rowsTotal: 0 };
  setHandler(defineQuery<IndexProgress>(QUERIES.progress), () => progress);
  const { shards, rows } = await indexCpu.planShards(job);
  Object.assign(progress, { stage: 'building', rowsTotal: rows });
  const failures: unknown[] = [];
  const scopes = new Set<CancellationScope>();
  let inFlight = 0;
  let reused = from?.reused ?? 0;
  const start = (shard: number): void => {
    inFlight += 1;
    const scope = new CancellationScope();
    scopes.add(scope);
    scope
      .run(() => indexCpu.indexShard(job, shard))
      .then((built) => {
        progress.rows += built.rows;
        if (built.reused) reused += 1;
      })
      .catch((error: unknown) => {
        failures.push(error);
        if (!isCancellation(error) && patched('stop-at-failure')) for (const own of scopes) own.cancel();
      })
      .finally(() => {
        scopes.delete(scope);
        inFlight -= 1;
      });
  };
  let shard = from?.shard ?? 0;
  while (shard < shards && failures.length === 0 && workflowInfo().historyLength < HISTORY_LIMIT) {
    start(shard);
    shard += 1;
    await condition(() => failures.length > 0 || inFlight < WINDOW);
  }
  await condition(() => inFlight === 0);
  if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
  if (shard < shards)
    return continueAsNew<typeof buildIndex>({ job, from: { shard, rows: progress.rows, reused } });
  progress.stage = 'measuring';
  return { ...(await indexCpu.finishIndex(job)), reused };
}
