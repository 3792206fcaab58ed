import type { ShardCommit } from '../../core/commit.js';
import { VectormillError } from '../../core/errors.js';
import { type ShardGroup, shardGroups } from '../../core/shard-groups.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import type { StepRun } from './step-context.js';

const CONCURRENT_READS = 16;
const CONCURRENT_GROUPS = 4;

/** The create-once record that holds the commits of a group of shards, in their order. */
interface FoldedCommits {
  formatVersion: 1;
  commits: readonly ShardCommit[];
}

/**
 * Folds the commits of a group of shards into one record, unless there is one or the version is
 * already readable. Errors: COMMIT_CONFLICT, and OBJECT_NOT_FOUND if a shard has no commit.
 */
export async function foldCommits(version: OpenVersion, group: ShardGroup, run: StepRun): Promise<void> {
  const { store, layout } = version;
  const key = layout.foldedCommits(group);
  if ((await store.head(key)) || (await store.head(layout.manifest))) return;
  const commits = await readCommitsOf(version, group, run);
  // A commit a line, because a group has too much to be indented.
  const lines = commits.map((commit) => JSON.stringify(commit)).join(',\n');
  await createOnce(store, key, new TextEncoder().encode(`{"formatVersion":1,"commits":[\n${lines}\n]}\n`));
}

/**
 * Yields the commits of all shards, in their order, from the records of groups of `groupSize`
 * shards. Where that is undefined, each shard's own commit is read. Memory holds a few records.
 * Errors: COMMIT_CONFLICT, and OBJECT_NOT_FOUND if a shard has no commit.
 */
export async function* readCommits(
  version: OpenVersion,
  groupSize: number | undefined,
  run: StepRun,
): AsyncGenerator<ShardCommit> {
  const { length } = await version.plan();
  if (groupSize === undefined) {
    for (const group of shardGroups(length, CONCURRENT_READS))
      yield* await readCommitsOf(version, group, run);
    return;
  }
  const groups = shardGroups(length, groupSize);
  for (const { from, to } of shardGroups(groups.length, CONCURRENT_GROUPS)) {
    const read = groups.slice(from, to).map((group) => readGroup(version, group, run));
    for (const commits of await Promise.all(read)) yield* commits;
  }
}

async function readGroup(version: OpenVersion, group: ShardGroup, run: StepRun): Promise<ShardCommit[]> {
  throwIfStopped(run.signal);
  const { store, layout } = version;
  const key = layout.foldedCommits(group);
  const { commits } = await readJsonRecord<FoldedCommits>(store, key, 1);
  const shards = (await version.plan()).slice(group.from, group.to);
  return shards.map(({ shard }, place) => checkedCommit(version, { shard, key }, commits?.[place]));
}

async function readCommitsOf(
  version: OpenVersion,
  { from, to }: ShardGroup,
  run: StepRun,
): Promise<ShardCommit[]> {
  const { store, layout } = version;
  const shards = (await version.plan()).slice(from, to);
  return mapConcurrently(shards, CONCURRENT_READS, async ({ shard }) => {
    throwIfStopped(run.signal);
    const key = layout.commit(shard);
    return checkedCommit(version, { shard, key }, await readJsonRecord<ShardCommit>(store, key, 1));
  });
}

function checkedCommit(
  { store, job }: OpenVersion,
  { shard, key }: { shard: number; key: string },
  commit: ShardCommit | undefined,
): ShardCommit {
  if (commit?.shard === shard && commit.fingerprint === job.fingerprint) return commit;
  throw new VectormillError('COMMIT_CONFLICT', `the commit of shard ${shard} belongs to another job`, {
    component: 'steps',
    file: `${store.root}/${key}`,
    remedy: 'Give the job a new `version`.',
  });
}
