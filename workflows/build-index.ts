import { continueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import type { IndexSummary } from '../core/index/index-job.js';
import { type BuildIndexInput, type IndexProgress, QUERIES } from '../core/workflow-api.js';
import { indexCpu } from './activity-proxies.js';
import { ShardWindow } from './shard-window.js';

/**
 * The number of shards that are in flight at once. A worker takes one, and the others wait for
 * workers.
 */
const WIDTH = 32;

/**
 * Builds every shard of an index that is not built yet, then measures the index and publishes it.
 * After a failure it starts no further shard, stops those in flight, and fails with the first
 * failure.
 */
export async function buildIndex({ job, from }: BuildIndexInput): Promise<IndexSummary> {
  const progress: IndexProgress = { stage: 'planning', rows: from?.rows ?? 0, rowsTotal: 0 };
  setHandler(defineQuery<IndexProgress>(QUERIES.progress), () => progress);
  const { shards, rows } = await indexCpu.planShards(job);
  Object.assign(progress, { stage: 'building', rowsTotal: rows });
  let reused = from?.reused ?? 0;
  const next = await new ShardWindow().take(
    { next: from?.shard ?? 0, shards, width: WIDTH, measuresAfterWait: true },
    (shard) => indexCpu.indexShard(job, shard),
    (built) => {
      progress.rows += built.rows;
      if (built.reused) reused += 1;
    },
  );
  if (next < shards)
    return continueAsNew<typeof buildIndex>({ job, from: { shard: next, rows: progress.rows, reused } });
  progress.stage = 'measuring';
  const { followed = 0, ...published } = await indexCpu.finishIndex(job);
  return { ...published, reused: reused + followed };
}
