import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALL_BUCKETS } from '../../../core/buckets.js';
import { shardGroups } from '../../../core/shard-groups.js';
import { findDuplicates } from '../../../engine/steps/find-duplicates.js';
import { foldIds } from '../../../engine/steps/fold-ids.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { CrashPlan, SimulatedCrash } from '../../support/failing-store.js';
import { duplicatesOf, processOn, scannedVersion } from '../../support/scanned-version.js';
import { testRun } from '../../support/test-tools.js';

/** Returns the files of folded ids, by key. */
async function foldsOf({ store, layout }: OpenVersion): Promise<Record<string, string>> {
  const folds: Record<string, string> = {};
  for await (const { key } of store.list(`${layout.prefix}/scan/`))
    if (/\d{8}-\d{8}\.\d+\.ids$/.test(key)) folds[key] = Buffer.from(await store.get(key)).toString('latin1');
  return folds;
}

it('folded ids have the duplicates of the files of the shards, whatever the groups and the size of a file', async () => {
  const id = fc.integer({ min: 0, max: 30 }).map(String);
  const shard = fc.array(id, { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(shard, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 255 }),
      async (ids, groupSize, idsAFold, cut) => {
        const { version } = await scannedVersion(ids);
        for (const group of shardGroups((await version.plan()).length, groupSize)) {
          const { documents } = await foldIds(version, group, testRun(), idsAFold);
          expect(documents).toBe(ids.slice(group.from, group.to).flat().length);
        }
        for (const range of [ALL_BUCKETS, { from: 0, to: cut }, { from: cut, to: 256 }])
          expect(await duplicatesOf(version, range, groupSize)).toEqual(await duplicatesOf(version, range));
      },
    ),
    { numRuns: 40 },
  );
});

const IDS = Array.from({ length: 7 }, (_, shard) =>
  Array.from({ length: 10 }, (_, id) => `${(shard * 7 + id) % 40}`),
);
const GROUP = { from: 0, to: 7 };

it('a process that dies at any point leaves files that the next one goes on from, to the same files', async () => {
  const undisturbed = await scannedVersion(IDS);
  await foldIds(undisturbed.version, GROUP, testRun(), 25);
  const expected = await foldsOf(undisturbed.version);
  expect(Object.keys(expected)).toHaveLength(4);
  const { job, stores, version } = await scannedVersion(IDS);
  let lives = 0;
  for (let isDone = false; !isDone; lives += 1) {
    const process = processOn(stores, new CrashPlan((_, index) => index === 5 + lives));
    try {
      await foldIds(await process.open(job), GROUP, testRun(), 25);
      isDone = true;
    } catch (error) {
      if (!(error instanceof SimulatedCrash)) throw error;
    }
  }
  expect(lives).toBeGreaterThan(5);
  expect(await foldsOf(version)).toEqual(expected);
});

it('two processes that fold a group at once leave the same files', async () => {
  const undisturbed = await scannedVersion(IDS);
  await foldIds(undisturbed.version, GROUP, testRun(), 25);
  const { job, stores, version } = await scannedVersion(IDS);
  const both = [processOn(stores), processOn(stores)];
  const totals = await Promise.all(
    both.map(async (process) => foldIds(await process.open(job), GROUP, testRun(), 25)),
  );
  expect(totals).toEqual(Array(2).fill({ documents: 70, rejects: {} }));
  expect(await foldsOf(version)).toEqual(await foldsOf(undisturbed.version));
});

it('a file that another attempt cut elsewhere is gone on from', async () => {
  const { version } = await scannedVersion(IDS);
  await foldIds(version, GROUP, testRun(), 25);
  const [first, ...others] = Object.keys(await foldsOf(version));
  for (const key of others) await version.store.delete(key);
  await foldIds(version, GROUP, testRun(), 1000);
  expect(Object.keys(await foldsOf(version))).toHaveLength(2);
  expect(first).toBe(version.layout.foldedIds(GROUP, 0));
  expect(await duplicatesOf(version, ALL_BUCKETS, 7)).toEqual(await duplicatesOf(version, ALL_BUCKETS));
});

it('a longer record of a later edition is read by what this one knows of it', async () => {
  const { version } = await scannedVersion([['a', 'b'], ['b']]);
  await foldIds(version, { from: 0, to: 2 }, testRun());
  const key = version.layout.foldedIds({ from: 0, to: 2 }, 0);
  const bytes = Buffer.from(await version.store.get(key));
  const origin = 12 + bytes.readUInt32LE(8);
  const header = { ...JSON.parse(bytes.toString('utf8', 12, origin)), recordBytes: 40 };
  const head = Buffer.from(JSON.stringify(header));
  const records = [0, 1, 2].flatMap((row) => [
    bytes.subarray(origin + 24 * row, origin + 24 * row + 24),
    Buffer.alloc(16, 7),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  await version.store.put(key, Buffer.concat([bytes.subarray(0, 8), length, head, ...records]));
  expect(await findDuplicates(version, ALL_BUCKETS, testRun(), 2)).toBe(1);
});

it.each([
  ['is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
  ['is empty', () => Buffer.alloc(0)],
  [
    'is a file of another kind',
    (bytes: Buffer) => Buffer.concat([Buffer.from('VMIDS001'), bytes.subarray(8)]),
  ],
  ['is of other shards', (bytes: Buffer) => replaced(bytes, '"from":0', '"from":1')],
  ['ends where it begins', (bytes: Buffer) => replaced(bytes, '"to":2', '"to":0')],
  ['goes on into another group', (bytes: Buffer) => replaced(bytes, '"to":2', '"to":3')],
  [
    'has records that are too short',
    (bytes: Buffer) => replaced(bytes, '"recordBytes":24', '"recordBytes":16'),
  ],
])('a file of folded ids that %s is FILE_DAMAGED, by name', async (_, damage) => {
  const { version } = await scannedVersion([['a', 'b'], ['b']]);
  const group = { from: 0, to: 2 };
  await foldIds(version, group, testRun());
  const key = version.layout.foldedIds(group, 0);
  await version.store.put(key, damage(Buffer.from(await version.store.get(key))));
  const damaged = { code: 'FILE_DAMAGED', file: `${version.store.root}/${key}` };
  await expect(findDuplicates(version, ALL_BUCKETS, testRun(), 2)).rejects.toMatchObject(damaged);
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
}
