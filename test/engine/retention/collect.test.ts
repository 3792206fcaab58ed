import { beforeEach, describe, expect, it } from 'vitest';
import { pinKey, tombstoneKey, versionLayout } from '../../../core/layout.js';
import { DEFAULT_RETENTION, type RetentionPolicy } from '../../../core/retention/retention-policy.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { collect, forecastCollection } from '../../../engine/retention/collect.js';
import { finishIndex, planIndexBuild } from '../../../engine/steps/index-version.js';
import { claimVersion } from '../../../engine/steps/plan-version.js';
import { writeManifest } from '../../../engine/steps/write-manifest.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { listPins, pinVersions } from '../../../engine/version/pins.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { keepsVersion, readTombstone } from '../../../engine/version/tombstones.js';
import { runJobLocally } from '../../../local/run-job.js';
import { jobWithParent, runToEnd } from '../../support/nights-of-a-folder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { TEST_OWNER, testProcess, testRun } from '../../support/test-tools.js';

/** Keeps nothing that nothing needs. */
const STRICT: RetentionPolicy = { ...DEFAULT_RETENTION, keep: 0, ageMs: 0, history: 1, graceMs: 0 };

const MAY_DELETE = { limits: { delete_share: 1, reject_share: 1 } };

let folder: string;
let store: ObjectStore;

beforeEach(() => {
  folder = temporaryFolder();
  store = openStore(`file://${folder}/out`);
});

/** Makes a version over these objects. */
async function night(version: string, objects: Parameters<typeof writeCorpus>[1]) {
  writeCorpus(folder, objects);
  return runToEnd(await jobWithParent(folder, version, MAY_DELETE));
}

/** Makes three versions, of which each shares files with the one before. */
async function threeNights(): Promise<void> {
  await night('v1', { 'a.jsonl': documents(12, 25, 'a'), 'b.jsonl': documents(12, 25, 'b') });
  await night('v2', { 'b.jsonl': documents(12, 25, 'c') });
  await night('v3', { 'c.jsonl': documents(12, 25, 'd') });
}

async function keysBelow(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

const collected = (policy: Partial<RetentionPolicy> = {}, dropped: string[] = []) =>
  collect(
    store,
    'test',
    { policy: { ...STRICT, ...policy }, dropped },
    { signal: new AbortController().signal, onDeleted: () => {} },
  );

async function isWhole(selector: string): Promise<void> {
  const version = await resolveVersion(store, { dataset: 'test', selector });
  expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
}

describe('a collection', () => {
  it('deletes old versions, but not the files of them that others list', async () => {
    await threeNights();
    const forecast = await forecastCollection(store, 'test', { policy: STRICT, dropped: [] }, Date.now());
    expect(await collected()).toMatchObject({
      outcome: 'done',
      report: { collection: 1, deleted: ['v1', 'v2'], kept: [], ...forecast.unneeded },
    });
    await isWhole('current');
    // The rows of a.jsonl are those of v1, and those of the second b.jsonl are of v2.
    const kept = [...(await keysBelow('test/versions/v1/')), ...(await keysBelow('test/versions/v2/'))];
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every((key) => /\/(chunks|vectors)\/\d+\/part-/.test(key))).toBe(true);
    expect(forecast.versions.map(({ version, keptBy }) => [version, keptBy])).toEqual([
      ['v1', []],
      ['v2', []],
      ['v3', ['the ref current']],
    ]);
    expect(await keysBelow('test/begun/')).toEqual(['test/begun/v2/v3']);
    expect(await collected()).toEqual({ outcome: 'nothing' });
    // A version without any of these rows lets go of their files.
    await night('v4', { 'a.jsonl': documents(12, 25, 'e'), 'b.jsonl': documents(12, 25, 'f') });
    expect(await collected()).toMatchObject({ report: { collection: 2, deleted: ['v3'] } });
    await isWhole('current');
    expect(await keysBelow('test/versions/v1/')).toEqual([]);
    expect(await keysBelow('test/versions/v2/')).toEqual([]);
    expect(await listPins(store, 'test')).toEqual([]);
  });

  it('leaves the rejects of a version of which no row lives any more', async () => {
    await night('v1', { 'a.jsonl': documents(12, 25, 'a'), 'b.jsonl': ['{"_id": "cut'] });
    await night('v2', { 'a.jsonl': documents(12, 25, 'b') });
    const { rejectFiles, manifest } = await resolveVersion(store, { dataset: 'test', selector: 'v2' });
    expect(rejectFiles.map(({ key }) => key)).toEqual([expect.stringContaining('/versions/v1/rejects/')]);
    expect(manifest).toMatchObject({ origins: ['v2'] });
    expect(await collected()).toMatchObject({ report: { deleted: ['v1'] } });
    await isWhole('current');
    expect(await keysBelow('test/versions/v1/')).toEqual(rejectFiles.map(({ key }) => key));
  });

  it('leaves what a ref, its history, the number or the age keeps', async () => {
    await threeNights();
    expect(await collected({ history: 3 })).toEqual({ outcome: 'nothing' });
    expect(await collected({ keep: 3 })).toEqual({ outcome: 'nothing' });
    expect(await collected({ ageMs: 60_000 })).toEqual({ outcome: 'nothing' });
    expect(await collected({ history: 2 })).toMatchObject({ report: { deleted: ['v1'] } });
    await isWhole('v2');
    await isWhole('v3');
  });

  it('gives readers their time, and goes on when it is over', async () => {
    await threeNights();
    const first = await collected({ graceMs: 1500 });
    expect(first).toMatchObject({ outcome: 'waiting', collection: 1, retire: ['v1', 'v2'] });
    await isWhole('v1');
    // Who needs one of them meanwhile has it, without writing anything but that.
    expect(await keepsVersion(store, 'test', 'v1')).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await collected({ graceMs: 1500 })).toMatchObject({ report: { deleted: ['v2'], kept: ['v1'] } });
    await isWhole('v1');
    expect(await readTombstone(store, 'test', 'v1')).toMatchObject({ state: 'kept', collection: 1 });
    // The next collection may retire it again.
    expect(await collected()).toMatchObject({ report: { collection: 2, deleted: ['v1'] } });
  });

  it('leaves versions that are pinned, until the pin goes', async () => {
    await threeNights();
    const pin = { dataset: 'test', job: 'mine', makes: null, versions: ['v1'], owner: TEST_OWNER };
    await pinVersions(store, pin);
    expect(await collected()).toMatchObject({ report: { deleted: ['v2'] } });
    await isWhole('v1');
    await store.delete(pinKey('test', 'mine'));
    expect(await collected()).toMatchObject({ report: { deleted: ['v1'] } });
    await expect(pinVersions(store, pin)).rejects.toMatchObject({ code: 'VERSION_RETIRED' });
    expect(await listPins(store, 'test')).toEqual([]);
  });

  it('leaves the parent of an unfinished version, and drops that by name or by age', async () => {
    await threeNights();
    const job = await jobWithParent(folder, 'v4', { parent: 'v1' });
    await claimVersion(testProcess().tools, job, testRun());
    expect(await collected()).toMatchObject({ report: { deleted: ['v2'] } });
    expect(await listPins(store, 'test')).toMatchObject([{ job: 'v4', versions: ['v4', 'v1'] }]);
    // A job of an earlier release wrote no pin.
    await store.delete(pinKey('test', 'v4'));
    expect(await collected()).toEqual({ outcome: 'nothing' });
    expect(await collected({ unfinishedAfterMs: 60_000 })).toEqual({ outcome: 'nothing' });
    await claimVersion(testProcess().tools, job, testRun());
    expect(await collected({}, ['v3', 'v4'])).toMatchObject({ report: { deleted: ['v1', 'v4'] } });
    await isWhole('current');
    expect(await listPins(store, 'test')).toEqual([]);
    await expect(claimVersion(testProcess().tools, job, testRun())).rejects.toMatchObject({
      code: 'VERSION_RETIRED',
    });
    expect(await keysBelow('test/versions/v4/')).toEqual([]);
  });

  it('keeps a version that is finished after it was to be dropped', async () => {
    await threeNights();
    const job = await jobWithParent(folder, 'v4');
    await claimVersion(testProcess().tools, job, testRun());
    const grace = { graceMs: 400, history: 9 };
    expect(await collected(grace, ['v4'])).toMatchObject({ outcome: 'waiting', retire: ['v4'] });
    await runToEnd(job);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await collected(grace)).toMatchObject({ report: { deleted: [], kept: ['v4'] } });
    await isWhole('v4');
  });
});

describe('an index', () => {
  const indexed = async (version: string) => {
    const { location } = await resolveVersion(store, { dataset: 'test', selector: version });
    return {
      location,
      name: 'main',
      request: { metric: 'cosine' as const, recallTarget: 0.9, exactBelow: 0 },
    };
  };
  const openStoreOf = { openStore: () => store };

  it('that is being built keeps its version and the parent', async () => {
    await threeNights();
    const run = testRun();
    await planIndexBuild(openStoreOf, await indexed('v2'), run);
    expect(await listPins(store, 'test')).toMatchObject([{ job: 'index.v2.main', versions: ['v2', 'v1'] }]);
    expect(await collected()).toEqual({ outcome: 'nothing' });
    await finishIndex(openStoreOf, await indexed('v2'), run);
    expect(await listPins(store, 'test')).toEqual([]);
    expect(await collected()).toMatchObject({ report: { deleted: ['v1', 'v2'] } });
  });

  it('follows no index of a version that is being deleted, and keeps the graphs that it lists', async () => {
    await night('v1', { 'a.jsonl': documents(12, 25, 'a') });
    await night('v2', { 'b.jsonl': documents(24, 25, 'b') });
    await night('v3', { 'c.jsonl': documents(1, 25, 'c') });
    const run = testRun();
    await planIndexBuild(openStoreOf, await indexed('v2'), run);
    await finishIndex(openStoreOf, await indexed('v2'), run);
    await planIndexBuild(openStoreOf, await indexed('v3'), run);
    expect(await finishIndex(openStoreOf, await indexed('v3'), run)).toMatchObject({ followed: 1 });
    const graphs = (await keysBelow('test/versions/v2/index/')).filter((key) => /usearch$/.test(key));
    expect(await collected()).toMatchObject({ report: { deleted: ['v1', 'v2'] } });
    expect((await keysBelow('test/versions/v2/index/')).filter((key) => /usearch$/.test(key))).toEqual(
      graphs,
    );
    const version = await resolveVersion(store, { dataset: 'test', selector: 'v3' });
    const index = await openIndex(version, 'main');
    expect(index.manifest.shards.length).toBeGreaterThan(0);
    await index.close();
    const other = { ...(await indexed('v3')), name: 'other' };
    await planIndexBuild(openStoreOf, other, run);
    expect(await finishIndex(openStoreOf, other, run)).toMatchObject({ followed: 0 });
  });
});

it('a job with retention deletes what is old when its ref is moved, and says so', async () => {
  await threeNights();
  const retention = { keep: 1, age: '0s', history: 2, grace: '0s' };
  const job = await jobWithParent(folder, 'v4', { ...MAY_DELETE, retention });
  const { tools } = testProcess();
  const summary = await runJobLocally(job, tools, new AbortController().signal).done;
  expect(summary.collection).toMatchObject({ outcome: 'done', report: { deleted: ['v1', 'v2'] } });
  await isWhole('v3');
  await isWhole('current');
  // What a collection fails with does not undo the version.
  await store.put(tombstoneKey('test', 'v3'), Buffer.from('{}'));
  const next = await jobWithParent(folder, 'v5', { ...MAY_DELETE, retention });
  expect(await runJobLocally(next, tools, new AbortController().signal).done).toMatchObject({
    collection: { outcome: 'failed', code: 'FILE_DAMAGED' },
  });
  await isWhole('v5');
});

it('a writer that comes too late leaves no readable version', async () => {
  await threeNights();
  const { open } = testProcess();
  const job = testJob(folder, { version: 'late', ref: 'none' });
  await runToEnd(job);
  const version = await open(job);
  await collected({ history: 9 });
  expect(await readTombstone(store, 'test', 'late')).toMatchObject({ state: 'deleting' });
  expect(await keysBelow('test/versions/late/')).toEqual([]);
  // Its last step has read everything before it was deleted, and writes now.
  const layout = versionLayout('test', 'late');
  await store.put(layout.manifest, await store.get(versionLayout('test', 'v3').manifest));
  await expect(writeManifest(version, { startedAt: 1, finishedAt: 2 }, testRun())).rejects.toMatchObject({
    code: 'VERSION_RETIRED',
  });
  expect(await keysBelow('test/versions/late/')).toEqual([]);
  expect(await store.head(pinKey('test', 'late'))).toBeUndefined();
});

it('a damaged tombstone, plan, pin or ref stops a collection, and nothing is deleted', async () => {
  await threeNights();
  expect(await collected({ graceMs: 60_000 })).toMatchObject({ outcome: 'waiting' });
  const before = await keysBelow('test/versions/');
  const refused = async (key: string) => {
    const bytes = (await store.head(key)) && (await store.get(key));
    await store.put(key, Buffer.from('{"formatVersion": 1, "version"'));
    await expect(collected()).rejects.toMatchObject({
      code: 'FILE_DAMAGED',
      file: expect.stringContaining(key),
    });
    if (bytes) await store.put(key, bytes);
    else await store.delete(key);
  };
  await refused(tombstoneKey('test', 'v1'));
  await refused('test/gc/00000001/plan.json');
  await store.delete('test/gc/00000001/plan.json');
  await refused('test/pins/job.json');
  await refused('test/refs/current.json');
  expect(await keysBelow('test/versions/')).toEqual(before);
});
