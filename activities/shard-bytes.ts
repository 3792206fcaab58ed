import type { OpenVersion } from '../engine/version/open-version.js';

/** Input bytes that a shard covers. */
export async function shardBytes(version: OpenVersion, shard: number): Promise<number> {
  const planned = (await version.plan())[shard];
  return planned?.slices.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
}
