import { beforeEach, expect, it } from 'vitest';
import { shardGroups } from '../../../core/shard-groups.js';
import { commitShard } from '../../../engine/steps/commit-shard.js';
import { foldCommits, readCommits } from '../../../engine/steps/fold-commits.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testCommit } from '../../support/test-commit.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { startVersion, testProcess, testRun } from '../../support/test-tools.js';

let version: OpenVersion;
let shards: number;

beforeEach(async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(100, 20) });
  version = await startVersion(testProcess(), testJob(folder));
  shards = (await version.plan()).length;
  expect(shards).toBeGreaterThan(5);
});

const readAll = async (groupSize?: number) => {
  const commits = [];
  for await (const commit of readCommits(version, groupSize, testRun())) commits.push(commit);
  return commits;
};

const commitAll = async (from = 0) => {
  for (let shard = from; shard < shards; shard += 1) {
    const { chunkParts, vectorParts, ...commit } = testCommit(shard);
    await commitShard(version, { ...commit, parts: chunkParts }, { parts: vectorParts }, `attempt ${shard}`);
  }
};

it('folded commits are the commits of the shards, in their order', async () => {
  await commitAll();
  const expected = await readAll();
  expect(expected.map(({ shard }) => shard)).toEqual(Array.from({ length: shards }, (_, shard) => shard));
  for (const group of shardGroups(shards, 2)) await foldCommits(version, group, testRun());
  expect(await readAll(2)).toEqual(expected);
});

it('a group is not folded before all of its shards are committed, and only once', async () => {
  const group = { from: 0, to: 2 };
  await commitAll(1);
  await expect(foldCommits(version, group, testRun())).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  expect(await version.store.head(version.layout.foldedCommits(group))).toBeUndefined();
  await commitAll();
  await foldCommits(version, group, testRun());
  const before = await version.store.head(version.layout.foldedCommits(group));
  await foldCommits(version, group, testRun());
  expect(await version.store.head(version.layout.foldedCommits(group))).toEqual(before);
});

it('nothing is folded in a version that is readable', async () => {
  await commitAll();
  await version.store.put(version.layout.manifest, Buffer.from('{}'));
  await foldCommits(version, { from: 0, to: 2 }, testRun());
  expect(await version.store.head(version.layout.foldedCommits({ from: 0, to: 2 }))).toBeUndefined();
});

it.each([
  ['no JSON', '{', 'FILE_DAMAGED'],
  ['a record of a later release', '{"formatVersion":9}', 'FILE_DAMAGED'],
  ['no commits', '{"formatVersion":1}', 'COMMIT_CONFLICT'],
  ['too few commits', '{"formatVersion":1,"commits":[]}', 'COMMIT_CONFLICT'],
  [
    'commits of another job',
    JSON.stringify({ formatVersion: 1, commits: [testCommit(0), testCommit(1)] }),
    'COMMIT_CONFLICT',
  ],
])('a group of commits that holds %s is refused by name', async (_, text, code) => {
  await commitAll();
  const key = version.layout.foldedCommits({ from: 0, to: shards });
  await version.store.put(key, Buffer.from(text));
  const file = `${version.store.root}/${key}`;
  await expect(readAll(shards)).rejects.toMatchObject({ code, file });
});
