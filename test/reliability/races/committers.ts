import { versionLayout } from '../../../core/layout.js';
import { commitShard } from '../../../engine/steps/commit-shard.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { testCommit } from '../../support/test-commit.js';

/** An attempt that commits a shard, and the attempt whose commit it then found there. */
export interface Committed {
  attempt: string;
  found: string;
}

/**
 * Lets attempts commit the same shard at the same time. Each round is a version of its own, of one
 * shard.
 */
export async function commitAtOnce(
  store: ObjectStore,
  round: number,
  attempts: readonly string[],
): Promise<Committed[]> {
  const { chunkParts, vectorParts, attempt: _, fingerprint, inputs: __, ...counts } = testCommit(0);
  const version = {
    store,
    layout: versionLayout('test', `round-${round}`),
    job: { fingerprint },
    plan: async () => [{ shard: 0, slices: [] }],
  } as unknown as OpenVersion;
  return Promise.all(
    attempts.map(async (attempt) => {
      const chunked = { ...counts, parts: chunkParts };
      const commit = await commitShard(version, chunked, { parts: vectorParts }, attempt);
      return { attempt, found: commit.attempt };
    }),
  );
}
