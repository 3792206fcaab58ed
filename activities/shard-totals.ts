import { Context } from '@temporalio/activity';
import { inputTotals } from '../core/plan.js';
import type { ShardTotals } from '../core/progress.js';
import type { OpenVersion } from '../engine/version/open-version.js';

/** The counts of one finished shard, with the input bytes that it covers. */
export async function shardTotalsOf(
  version: OpenVersion,
  shard: number,
  counts: Pick<ShardTotals, 'documents' | 'chunks' | 'tokens' | 'rejects' | 'longRows' | 'adopted'>,
): Promise<ShardTotals> {
  const { bytes } = inputTotals((await version.plan()).slice(shard, shard + 1));
  const { documents, chunks, tokens, rejects, longRows, adopted } = counts;
  const retries = Context.current().info.attempt - 1;
  return {
    shards: 1,
    bytes,
    documents,
    chunks,
    tokens,
    rejects,
    ...(longRows && { longRows }),
    ...(adopted && adopted.chunks > 0 && { adopted }),
    ...(retries > 0 && { retries }),
  };
}
