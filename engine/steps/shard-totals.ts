import { inputTotals, shardOf } from '../../core/plan.js';
import type { ShardTotals } from '../../core/progress.js';
import type { OpenVersion } from '../version/open-version.js';

/** Returns the counts of one finished shard, with the input bytes that it covers. */
export async function shardTotals(
  version: OpenVersion,
  shard: number,
  counts: Pick<ShardTotals, 'documents' | 'chunks' | 'tokens' | 'rejects' | 'longRows' | 'adopted'>,
): Promise<ShardTotals> {
  const { bytes } = inputTotals([shardOf(await version.plan(), shard)]);
  const { documents, chunks, tokens, rejects, longRows, adopted } = counts;
  return {
    shards: 1,
    bytes,
    documents,
    chunks,
    tokens,
    rejects,
    ...(longRows && { longRows }),
    ...(adopted && adopted.chunks > 0 && { adopted }),
  };
}
