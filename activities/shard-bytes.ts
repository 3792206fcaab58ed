import { inputTotals } from '../core/plan.js';
import type { OpenVersion } from '../engine/version/open-version.js';

/** Input bytes that a shard covers. */
export async function shardBytes(version: OpenVersion, shard: number): Promise<number> {
  return inputTotals((await version.plan()).slice(shard, shard + 1)).bytes;
}
