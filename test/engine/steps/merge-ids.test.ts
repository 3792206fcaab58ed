import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALL_BUCKETS } from '../../../core/buckets.js';
import { GROUPS_A_MERGE, type ShardGroup, shardGroups } from '../../../core/shard-groups.js';
import { findDuplicates } from '../../../engine/steps/find-duplicates.js';
import { foldIds } from '../../../engine/steps/fold-ids.js';
import { mergeIds } from '../../../engine/steps/merge-ids.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { changedStore } from '../../support/changed-store.js';
import { CrashPlan, SimulatedCrash } from '../../support/failing-store.js';
import {
  duplicatesOf,
  processOn,
  type ScannedVersion,
  scannedVersion,
} from '../../support/scanned-version.js';
import { testRun } from '../../support/test-tools.js';

const GROUP_SIZE = 2;

/** Folds the ids of a version in groups, and returns those groups whose ids are merged together. */
async function folded(version: OpenVersion, groupSize = GROUP_SIZE): Promise<ShardGroup[]> {
  const { length } = await version.plan();
  for (const group of shardGroups(length, groupSize)) await foldIds(version, group, testRun(), 20);
  return shardGroups(length, GROUPS_A_MERGE * groupSize);
}

/** Returns the files of merged ids, by key. */
async function mergesOf({ store, layout }: OpenVersion): Promise<Record<string, string>> {
  const merges: Record<string, string> = {};
  for await (const { key } of store.list(`${layout.prefix}/scan/`))
    if (key.includes('.merged-')) merges[key] = Buffer.from(await store.get(key)).toString('latin1');
  return merges;
}

/** Opens the version again, as another process does. */
function reopened({ job, stores }: ScannedVersion, plan?: CrashPlan): Promise<OpenVersion> {
  return processOn(stores, plan).open(job);
}

/** The ids of a shard in each of 40 shards, of which some occur in others. */
const IDS = Array.from({ length: 40 }, (_, shard) =>
  Array.from({ length: 6 }, (_, id) => `${(shard * 5 + id) % 150}`),
);

it('merged ids have the duplicates of the files of the shards, whatever the size of a file', async () => {
  const id = fc.integer({ min: 0, max: 60 }).map(String);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(id, { minLength: 1, maxLength: 4 }), { minLength: 17, maxLength: 36 }),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 255 }),
      async (ids, groupSize, idsAFold, cut) => {
        const found = await scannedVersion(ids);
        for (const group of await folded(found.version, groupSize))
          await mergeIds(found.version, { group, groupSize }, testRun(), idsAFold);
        const version = await reopened(found);
        for (const range of [ALL_BUCKETS, { from: 0, to: cut }, { from: cut, to: 256 }])
          expect(await duplicatesOf(version, range, groupSize)).toEqual(await duplicatesOf(version, range));
      },
    ),
    { numRuns: 8 },
  );
});

it('once ids are merged, the folded files are not read for any range', async () => {
  const found = await scannedVersion(IDS);
  const groups = await folded(found.version);
  for (const group of groups) await mergeIds(found.version, { group, groupSize: GROUP_SIZE }, testRun(), 50);
  const read: string[] = [];
  const { store, ...version } = await reopened(found);
  const noting = changedStore(store, {
    get: (key, options) => {
      read.push(key);
      return store.get(key, options);
    },
  });
  expect(await findDuplicates({ ...version, store: noting }, ALL_BUCKETS, testRun(), GROUP_SIZE)).toBe(90);
  const ids = read.filter((key) => key.endsWith('.ids'));
  expect(ids.length).toBeGreaterThan(groups.length);
  expect(ids.filter((key) => !key.includes('.merged-'))).toEqual([]);
});

it('each folded file is read once, from its beginning to its end', async () => {
  const found = await scannedVersion(IDS);
  const [group] = await folded(found.version);
  const streamed: string[] = [];
  const { store, ...version } = found.version;
  const noting = changedStore(store, {
    stream: (key, options) => {
      streamed.push(key);
      return store.stream(key, options);
    },
  });
  await mergeIds({ ...version, store: noting }, { group: group!, groupSize: GROUP_SIZE }, testRun(), 30);
  expect(Object.keys(await mergesOf(found.version)).length).toBeGreaterThan(4);
  expect(streamed).toHaveLength(GROUPS_A_MERGE);
  expect(new Set(streamed).size).toBe(GROUPS_A_MERGE);
});

it('a process that dies at any point leaves files that the next one goes on from, to the same files', async () => {
  const undisturbed = await scannedVersion(IDS);
  const [group] = await folded(undisturbed.version);
  const work = { group: group!, groupSize: GROUP_SIZE };
  await mergeIds(undisturbed.version, work, testRun(), 40);
  const expected = await mergesOf(undisturbed.version);
  expect(Object.keys(expected).length).toBeGreaterThan(4);
  const found = await scannedVersion(IDS);
  await folded(found.version);
  const unmerged = await duplicatesOf(await reopened(found), ALL_BUCKETS, GROUP_SIZE);
  let lives = 0;
  for (let isDone = false; !isDone; lives += 1) {
    const version = await reopened(found, new CrashPlan((_, index) => index === 60 + lives));
    try {
      await mergeIds(version, work, testRun(), 40);
      isDone = true;
    } catch (error) {
      if (!(error instanceof SimulatedCrash)) throw error;
      // What is not complete is not read.
      expect(await duplicatesOf(await reopened(found), ALL_BUCKETS, GROUP_SIZE)).toEqual(unmerged);
    }
  }
  expect(lives).toBeGreaterThan(5);
  expect(await mergesOf(found.version)).toEqual(expected);
});

it('two processes that merge at once leave the same files, and a file that was cut elsewhere is gone on from', async () => {
  const found = await scannedVersion(IDS);
  const [group] = await folded(found.version);
  const work = { group: group!, groupSize: GROUP_SIZE };
  await Promise.all([
    mergeIds(found.version, work, testRun(), 40),
    mergeIds(await reopened(found), work, testRun(), 40),
  ]);
  const [first, second, ...others] = Object.keys(await mergesOf(found.version));
  expect(others.length).toBeGreaterThan(2);
  for (const key of others) await found.version.store.delete(key);
  await mergeIds(await reopened(found), work, testRun(), 1000);
  expect(Object.keys(await mergesOf(found.version))).toEqual([first, second, others[0]]);
  const version = await reopened(found);
  expect(await duplicatesOf(version, ALL_BUCKETS, GROUP_SIZE)).toEqual(
    await duplicatesOf(version, ALL_BUCKETS),
  );
});

it.each([
  ['is cut off', (text: string) => text.slice(0, 40)],
  ['is of other shards', (text: string) => text.replace('"from":0,"to":32', '"from":0,"to":31')],
  [
    'begins with another bucket',
    (text: string) => text.replace('"buckets":{"from":0', '"buckets":{"from":1'),
  ],
  ['has no buckets', (text: string) => text.replace('"buckets"', '"backets"')],
])('a file of merged ids that %s is FILE_DAMAGED, by name', async (_, damage) => {
  const found = await scannedVersion(IDS);
  const [group] = await folded(found.version);
  await mergeIds(found.version, { group: group!, groupSize: GROUP_SIZE }, testRun());
  const version = await reopened(found);
  const key = version.layout.mergedIds(group!, 0);
  const text = Buffer.from(await version.store.get(key)).toString('latin1');
  await version.store.put(key, Buffer.from(damage(text), 'latin1'));
  await expect(findDuplicates(version, ALL_BUCKETS, testRun(), GROUP_SIZE)).rejects.toMatchObject({
    code: 'FILE_DAMAGED',
    file: `${version.store.root}/${key}`,
  });
});

it('a folded file that ends too early is FILE_DAMAGED, by name', async () => {
  const found = await scannedVersion(IDS);
  const [group] = await folded(found.version);
  const { store, layout } = found.version;
  const key = layout.foldedIds({ from: 4, to: 6 }, 0);
  const bytes = await store.get(key);
  await store.put(key, bytes.subarray(0, bytes.length - 1));
  await expect(
    mergeIds(found.version, { group: group!, groupSize: GROUP_SIZE }, testRun()),
  ).rejects.toMatchObject({ code: 'FILE_DAMAGED', file: `${store.root}/${key}` });
});
