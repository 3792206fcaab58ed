import { Context } from '@temporalio/activity';
import type { ShardTotals } from '../core/progress.js';
import { shardTotals } from '../engine/steps/shard-totals.js';

/**
 * Returns the counts of one finished shard, with the attempts that this activity took beyond its
 * first.
 */
export async function shardTotalsOfActivity(
  ...counted: Parameters<typeof shardTotals>
): Promise<ShardTotals> {
  return withRetries(await shardTotals(...counted));
}

/** Returns counts with the attempts that this activity took beyond its first. */
export function withRetries(totals: ShardTotals): ShardTotals {
  const retries = Context.current().info.attempt - 1;
  return { ...totals, ...(retries > 0 && { retries }) };
}
