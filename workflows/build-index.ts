import type { IndexJob, IndexSummary } from '../core/index/index-job.js';
import { indexCpu } from './activity-proxies.js';

/** Shards in flight at once; their workers take no more than they have cores. */
const WINDOW = 32;

/**
 * Builds every shard of an index that is not built yet, then measures and publishes it. A shard's activity is three events:
 * versions of some hundred million rows fit in one history.
 */
export async function buildIndex(job: IndexJob): Promise<IndexSummary> {
  const shards = await indexCpu.countIndexShards(job);
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < shards && !failed) {
      try {
        await indexCpu.indexShard(job, next++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(WINDOW, shards) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return indexCpu.finishIndex(job);
}
