import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EDITIONS } from '../../../core/editions.js';
import { jobOfNight, type ScheduleRecord } from '../../../core/schedule/schedule-record.js';
import { finishNight } from '../../../engine/schedule/finish-night.js';
import { openNight } from '../../../engine/schedule/open-night.js';
import { openStore } from '../../../engine/store/open-store.js';
import { createVersion } from '../../../engine/version/create-version.js';
import { moveRef } from '../../../engine/version/move-ref.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, writeCorpus } from '../../support/test-job.js';
import { testSchedule } from '../../support/test-schedule.js';
import { runJob, testProcess, testRun } from '../../support/test-tools.js';

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

function refOf(folder: string): { version: string; previous: string | null } {
  return JSON.parse(readFileSync(join(folder, 'out/test/refs/current.json'), 'utf8'));
}

test('a night that is finished twice has one lineage, and moves the ref once', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  await embedded(record, 'night-1');
  const night = { ...NIGHT, version: 'night-1', parent: null };
  const finished = await finishNight(openStore, record, night);
  expect(finished).toEqual({
    lineage: `file://${folder}/out/test/versions/night-1/lineage.json`,
    isReferenced: true,
  });
  const before = readFileSync(finished.lineage.slice('file://'.length), 'utf8');
  // This is the state after a crash between the record and the ref, in a later run of the night.
  rmSync(join(folder, 'out/test/refs/current.json'));
  const again = await finishNight(openStore, record, { ...night, startedAt: 5000, finishedAt: 6000 });
  expect(again).toEqual(finished);
  expect(readFileSync(finished.lineage.slice('file://'.length), 'utf8')).toBe(before);
  expect(refOf(folder)).toMatchObject({ version: 'night-1', previous: null });
});

test('a night that is finished after newer work has moved the ref does not take it back', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  await embedded(record, 'night-1');
  const move = { dataset: 'test', ref: 'current', version: 'newer', fingerprint: 'f', movedAt: 2001 };
  await moveRef(openStore(record.job.spec.output), move);
  const night = { ...NIGHT, version: 'night-1', parent: null };
  expect(await finishNight(openStore, record, night)).toMatchObject({ isReferenced: false });
  expect(refOf(folder)).toMatchObject({ version: 'newer' });
});

test('a night of a schedule without a ref moves none', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder, { ref: 'none' });
  await embedded(record, 'night-1');
  const night = { ...NIGHT, version: 'night-1', parent: null };
  expect(await finishNight(openStore, record, night)).toMatchObject({ isReferenced: false });
  expect(() => refOf(folder)).toThrow('ENOENT');
});

test('a lineage of other records is not overwritten, and the ref stays', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  await embedded(record, 'night-1');
  const night = { ...NIGHT, version: 'night-1', parent: null };
  const file = join(folder, 'out/test/versions/night-1/lineage.json');
  writeFileSync(file, JSON.stringify({ formatVersion: 1, version: 'night-1' }));
  await expect(finishNight(openStore, record, night)).rejects.toMatchObject({ code: 'COMMIT_CONFLICT' });
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
  await expect(finishNight(openStore, record, night)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  expect(() => refOf(folder)).toThrow('ENOENT');
});

test('a night begins with what the ref names, and continues with what it began with', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  expect(await openNight(openStore, record.job, 'night-1')).toEqual({
    parent: null,
    editions: EDITIONS,
    isEmpty: false,
  });
  await embedded(record, 'night-1');
  await finishNight(openStore, record, { ...NIGHT, version: 'night-1', parent: null });
  const second = await openNight(openStore, record.job, 'night-2');
  expect(second).toEqual({
    parent: 'night-1',
    carry: { version: 'night-1', manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/), firstShard: 1 },
    editions: EDITIONS,
    isEmpty: false,
  });
  const store = openStore(record.job.spec.output);
  await createVersion(store, jobOfNight(record, 'night-2', second));
  const move = { dataset: 'test', ref: 'current', version: 'newer', fingerprint: 'f', movedAt: 9000 };
  await moveRef(store, move);
  expect(await openNight(openStore, record.job, 'night-2')).toEqual(second);
  await expect(openNight(openStore, record.job, 'night-3')).rejects.toMatchObject({
    code: 'VERSION_NOT_FOUND',
  });
});

test('a night continues under the editions under which it was begun, and a new one has those of this release', async () => {
  const folder = temporaryFolder();
  const record = schedule(folder);
  const file = join(folder, 'out/test/versions/night-1/job.json');
  await createVersion(
    openStore(record.job.spec.output),
    jobOfNight(record, 'night-1', { parent: null, editions: EDITIONS }),
  );
  const { editions: _, ...ofOldRelease } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(ofOldRelease));
  const { editions } = await openNight(openStore, record.job, 'night-1');
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
  expect(await openNight(openStore, record.job, 'night-1')).toEqual({
    parent: null,
    editions: EDITIONS,
    isEmpty: true,
  });
  const filled = schedule(folder);
  await embedded(filled, 'night-1');
  await finishNight(openStore, filled, { ...NIGHT, version: 'night-1', parent: null });
  rmSync(join(folder, 'corpus/a.jsonl'));
  expect(await openNight(openStore, record.job, 'night-2')).toMatchObject({
    parent: 'night-1',
    isEmpty: false,
  });
});
