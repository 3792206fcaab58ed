import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EDITIONS } from '../../../core/editions.js';
import type { JobRecord } from '../../../core/job-spec.js';
import { jobOfNight, type ScheduleRecord } from '../../../core/schedule/schedule-record.js';
import { finishNight } from '../../../engine/schedule/finish-night.js';
import { openNight } from '../../../engine/schedule/open-night.js';
import { openStore } from '../../../engine/store/open-store.js';
import { createVersion } from '../../../engine/version/create-version.js';
import { moveRef } from '../../../engine/version/move-ref.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { runJobLocally } from '../../../local/run-job.js';
import { editRecord } from '../../support/edit-record.js';
import { exampleMiningRecord } from '../../support/mining-record.js';
import { refMove } from '../../support/ref-move.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, writeCorpus } from '../../support/test-job.js';
import { testSchedule } from '../../support/test-schedule.js';
import { runJob, TEST_OWNER, testProcess, testRun } from '../../support/test-tools.js';
import { build } from '../index/build.js';

/** The times of a night whose version became readable at 2000, in ms. */
const NIGHT = { scheduledAt: 500, startedAt: 600, finishedAt: 3000 };

/** Returns a schedule over three documents, which mines and indexes nothing. */
function schedule(folder: string, more: Record<string, unknown> = {}): ScheduleRecord {
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  return testSchedule(folder, more);
}

/** Writes what the embed step of a night leaves behind. */
async function embedded(
  record: ScheduleRecord,
  version: string,
  parent: string | null = null,
): Promise<void> {
  await runJob(testProcess(), jobOfNight(record, version, { parent, editions: EDITIONS }), testRun(), 2000);
}

/** Makes the version of a night, and moves the ref to it. */
async function complete(record: ScheduleRecord, version: string): Promise<void> {
  await embedded(record, version);
  await finishNight(openStore, record, { ...NIGHT, version, parent: null }, TEST_OWNER);
}

async function runLocally(job: JobRecord): Promise<void> {
  await runJobLocally(job, testProcess().tools, new AbortController().signal).done;
}

function refOf(folder: string): { version: string; previous: string | null } {
  return JSON.parse(readFileSync(join(folder, 'out/test/refs/current.json'), 'utf8'));
}

test('a night that is finished twice has one lineage, and moves the ref once', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  await embedded(record, 'night-1');
  const night = { ...NIGHT, version: 'night-1', parent: null };
  const finished = await finishNight(openStore, record, night, TEST_OWNER);
  expect(finished).toEqual({
    lineage: `file://${folder}/out/test/versions/night-1/lineage.json`,
    isReferenced: true,
  });
  const before = readFileSync(finished.lineage.slice('file://'.length), 'utf8');
  // This is the state after a crash between the record and the ref, in a later run of the night.
  rmSync(join(folder, 'out/test/refs/current.json'));
  const again = await finishNight(
    openStore,
    record,
    { ...night, startedAt: 5000, finishedAt: 6000 },
    TEST_OWNER,
  );
  expect(again).toEqual(finished);
  expect(readFileSync(finished.lineage.slice('file://'.length), 'utf8')).toBe(before);
  expect(refOf(folder)).toMatchObject({ version: 'night-1', previous: null });
});

test('a night that is finished after newer work has moved the ref does not take it back', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  await embedded(record, 'night-1');
  await moveRef(openStore(record.job.spec.output), refMove('newer', 0, 2001));
  const night = { ...NIGHT, version: 'night-1', parent: null };
  expect(await finishNight(openStore, record, night, TEST_OWNER)).toMatchObject({ isReferenced: false });
  expect(refOf(folder)).toMatchObject({ version: 'newer' });
});

test('a night whose ref is moved after it began, or is held, leaves the ref where it is', async () => {
  for (const { hold, outcome } of [
    { hold: false, outcome: { isReferenced: false } },
    { hold: true, outcome: { isReferenced: false, isHeld: true } },
  ]) {
    const folder = temporaryFolder();
    const record = schedule(folder);
    const store = openStore(record.job.spec.output);
    await moveRef(store, { ...refMove('earlier', 0), hold });
    const job = jobOfNight(record, 'night-1', { parent: null, refGeneration: 1, editions: EDITIONS });
    await runLocally(job);
    // The clock of whoever moves it lags, which makes no difference.
    if (!hold) await moveRef(store, refMove('newer', 1, 0));
    const before = refOf(folder);
    const night = { ...NIGHT, version: 'night-1', parent: null };
    expect(await finishNight(openStore, record, night, TEST_OWNER)).toEqual({
      lineage: expect.anything(),
      ...outcome,
    });
    expect(refOf(folder)).toEqual(before);
  }
});

test('a night of a schedule without a ref moves none', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder, { ref: 'none' });
  await embedded(record, 'night-1');
  const night = { ...NIGHT, version: 'night-1', parent: null };
  expect(await finishNight(openStore, record, night, TEST_OWNER)).toMatchObject({ isReferenced: false });
  expect(() => refOf(folder)).toThrow('ENOENT');
});

test('a lineage of other records is not overwritten, and the ref stays', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  await embedded(record, 'night-1');
  const night = { ...NIGHT, version: 'night-1', parent: null };
  const file = join(folder, 'out/test/versions/night-1/lineage.json');
  writeFileSync(file, JSON.stringify({ formatVersion: 1, version: 'night-1' }));
  await expect(finishNight(openStore, record, night, TEST_OWNER)).rejects.toMatchObject({
    code: 'COMMIT_CONFLICT',
  });
  expect(() => refOf(folder)).toThrow('ENOENT');
});

test('a step without a manifest does not let the night end', async () => {
  const folder = temporaryFolder();
  const record: ScheduleRecord = {
    ...schedule(folder),
    index: { name: 'main', request: { metric: 'cosine', recallTarget: 0.9 } },
  };
  await embedded(record, 'night-1');
  const night = { ...NIGHT, version: 'night-1', parent: null };
  await expect(finishNight(openStore, record, night, TEST_OWNER)).rejects.toMatchObject({
    code: 'OBJECT_NOT_FOUND',
  });
  expect(() => refOf(folder)).toThrow('ENOENT');
});

test('a night begins with what the ref names, and continues with what it began with', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  expect(await openNight(openStore, record, 'night-1', { owner: TEST_OWNER })).toEqual({
    parent: null,
    refGeneration: 0,
    editions: EDITIONS,
    isEmpty: false,
  });
  await complete(record, 'night-1');
  writeCorpus(folder, { 'b.jsonl': documents(1) });
  const opened = await openNight(openStore, record, 'night-2', { owner: TEST_OWNER });
  const carry = { version: 'night-1', firstShard: 1, manifestSha256: expect.any(String) };
  expect(opened).toEqual({
    parent: 'night-1',
    refGeneration: 1,
    carry,
    editions: EDITIONS,
    isEmpty: false,
  });
  const store = openStore(record.job.spec.output);
  await createVersion(store, jobOfNight(record, 'night-2', opened));
  await moveRef(store, refMove('newer', 1, 9000));
  rmSync(join(folder, 'corpus/b.jsonl'));
  expect(await openNight(openStore, record, 'night-2', { owner: TEST_OWNER })).toEqual(opened);
  await expect(openNight(openStore, record, 'night-3', { owner: TEST_OWNER })).rejects.toMatchObject({
    code: 'VERSION_NOT_FOUND',
  });
});

describe('a night over an input that has not changed', () => {
  const isUnchanged = async (record: ScheduleRecord) =>
    (await openNight(openStore, record, 'night-2', { owner: TEST_OWNER })).isUnchanged ?? false;

  test('would make what the ref names again, until an object is new, other or gone', async () => {
    const folder = temporaryFolder();
    const record = schedule(folder);
    await complete(record, 'night-1');
    expect(await isUnchanged(record)).toBe(true);
    writeCorpus(folder, { 'b.jsonl': documents(1) });
    expect(await isUnchanged(record)).toBe(false);
    rmSync(join(folder, 'corpus/b.jsonl'));
    expect(await isUnchanged(record)).toBe(true);
    writeCorpus(folder, { 'a.jsonl': documents(4) });
    expect(await isUnchanged(record)).toBe(false);
    rmSync(join(folder, 'corpus/a.jsonl'));
    expect(await isUnchanged(record)).toBe(false);
  });

  test('makes a version where the ref, the job, the index or the triplets are others', async () => {
    const folder = temporaryFolder();
    const record = schedule(folder);
    await complete(record, 'night-1');
    const request = { metric: 'cosine', recallTarget: 0.9 } as const;
    const { spec, crossEncoderFingerprint } = exampleMiningRecord('test');
    const indexed = { ...record, index: { name: 'main', request } };
    expect(await isUnchanged(indexed)).toBe(false);
    expect(await isUnchanged({ ...record, mine: { spec, crossEncoderFingerprint } })).toBe(false);
    const version = await resolveVersion(openStore(record.job.spec.output), {
      dataset: 'test',
      selector: 'night-1',
    });
    await build(version, 'main', request);
    expect(await isUnchanged(indexed)).toBe(true);
    const other = { name: 'main', request: { ...request, recallTarget: 0.95 } };
    expect(await isUnchanged({ ...record, index: other })).toBe(false);
    for (const more of [
      { ref: 'none' },
      { ref: 'candidate' },
      { parent: 'none' },
      { chunking: { max_tokens: 20 } },
    ])
      expect(await isUnchanged(testSchedule(folder, more))).toBe(false);
    const manifest = join(folder, 'out/test/versions/night-1/index/main/manifest.json');
    writeFileSync(manifest, '{');
    expect(await isUnchanged(indexed)).toBe(false);
  });
});

test('every so many nights, one reads every document, whatever failed in between', async () => {
  const folder = temporaryFolder();
  const record = { ...schedule(folder), fullEvery: 3 };
  const carried: (string | undefined)[] = [];
  for (let night = 1; night <= 5; night += 1) {
    writeCorpus(folder, { 'b.jsonl': documents(night) });
    const version = `night-${night}`;
    const { parent, carry, editions } = await openNight(openStore, record, version, { owner: TEST_OWNER });
    carried.push(carry?.version);
    // A night that fails has claimed its version, and no later one has it as its parent.
    const job = jobOfNight(record, `failed-${night}`, { parent, carry, editions });
    await createVersion(openStore(record.job.spec.output), job);
    await runLocally(jobOfNight(record, version, { parent, carry, editions }));
    await finishNight(openStore, record, { ...NIGHT, version, parent }, TEST_OWNER);
  }
  expect(carried).toEqual([undefined, 'night-1', 'night-2', undefined, 'night-4']);
});

test('a night continues under the editions under which it was begun, and a new one has those of this release', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  const file = join(folder, 'out/test/versions/night-1/job.json');
  await createVersion(
    openStore(record.job.spec.output),
    jobOfNight(record, 'night-1', { parent: null, editions: EDITIONS }),
  );
  editRecord(file, ({ editions: _, ...ofOldRelease }: JobRecord) => ofOldRelease);
  const { editions } = await openNight(openStore, record, 'night-1', { owner: TEST_OWNER });
  expect(editions).toEqual({ reader: 1, chunker: 1, wordSearch: 1 });
  const begun = jobOfNight(record, 'night-1', { parent: null, editions });
  await expect(createVersion(openStore(record.job.spec.output), begun)).rejects.toMatchObject({
    code: 'EDITION_MISMATCH',
  });
});

test('an input without documents counts as empty only before the first version', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  rmSync(join(folder, 'corpus/a.jsonl'));
  expect(await openNight(openStore, record, 'night-1', { owner: TEST_OWNER })).toEqual({
    parent: null,
    refGeneration: 0,
    editions: EDITIONS,
    isEmpty: true,
  });
  schedule(folder);
  await complete(record, 'night-1');
  rmSync(join(folder, 'corpus/a.jsonl'));
  expect(await openNight(openStore, record, 'night-2', { owner: TEST_OWNER })).toMatchObject({
    parent: 'night-1',
    isEmpty: false,
  });
});
