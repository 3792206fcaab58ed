import { describe, expect, test } from 'vitest';
import { EDITIONS } from '../../../core/editions.js';
import { nightVersion } from '../../../core/schedule/night.js';
import { jobOfNight, type ScheduleRecord } from '../../../core/schedule/schedule-record.js';
import { chooseNight } from '../../../engine/schedule/choose-night.js';
import { finishNight } from '../../../engine/schedule/finish-night.js';
import { openStore } from '../../../engine/store/open-store.js';
import { createVersion } from '../../../engine/version/create-version.js';
import { moveRef } from '../../../engine/version/move-ref.js';
import { refMove } from '../../support/ref-move.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, writeCorpus } from '../../support/test-job.js';
import { testSchedule } from '../../support/test-schedule.js';
import { runJob, TEST_OWNER, testProcess, testRun } from '../../support/test-tools.js';

const FIRST = Date.UTC(2026, 8, 30, 2);
const SECOND = Date.UTC(2026, 9, 31, 2);
const NOW = Date.UTC(2026, 10, 21, 2, 5, 9, 123);
const NOW_IN_SECONDS = Date.UTC(2026, 10, 21, 2, 5, 9);

function schedule(more: Record<string, unknown> = {}): ScheduleRecord {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  return testSchedule(folder, more);
}

const jobAt = (record: ScheduleRecord, at: number) =>
  jobOfNight(record, nightVersion(record.name, at), { parent: null, editions: EDITIONS });
const begun = (record: ScheduleRecord, at: number) =>
  createVersion(openStore(record.job.spec.output), jobAt(record, at));
const chosen = (record: ScheduleRecord, at?: number | 'now') =>
  chooseNight(openStore, record, { at, now: NOW });

/** Embeds the night of a time, whose version becomes readable at that time, and finishes it. */
async function finished(record: ScheduleRecord, at: number): Promise<void> {
  await runJob(testProcess(), jobAt(record, at), testRun(), at);
  const version = nightVersion(record.name, at);
  await finishNight(
    openStore,
    record,
    {
      version,
      parent: null,
      scheduledAt: at,
      startedAt: at,
      finishedAt: at,
    },
    TEST_OWNER,
  );
}

describe('without a time', () => {
  test('the first night is now, in whole seconds', async () => {
    expect(await chosen(schedule())).toEqual({ scheduledAt: NOW_IN_SECONDS, isBegun: false });
  });

  test('the latest night goes on if it is unfinished, whatever lies between', async () => {
    const record = schedule();
    await begun(record, FIRST);
    expect(await chosen(record)).toEqual({ scheduledAt: FIRST, isBegun: true });
    await begun(record, SECOND);
    await begun({ ...record, name: 'nightly-b' }, NOW);
    expect(await chosen(record)).toEqual({ scheduledAt: SECOND, isBegun: true });
  });

  test.each(['current', 'none'])(
    'a finished one is followed by now, and an older one is left: ref %s',
    async (ref) => {
      const record = schedule({ ref });
      await begun(record, FIRST);
      await finished(record, SECOND);
      expect(await chosen(record)).toEqual({ scheduledAt: NOW_IN_SECONDS, isBegun: false });
    },
  );

  test('one whose ref was not moved any more is unfinished, and one that was overtaken is not', async () => {
    const record = schedule();
    await finished(record, FIRST);
    await runJob(testProcess(), jobAt(record, SECOND), testRun(), SECOND);
    expect(await chosen(record)).toEqual({ scheduledAt: SECOND, isBegun: true });
    const { job } = record;
    const withoutRef = { ...record, job: { ...job, spec: { ...job.spec, ref: 'none' } } };
    const version = nightVersion(record.name, SECOND);
    const times = { scheduledAt: SECOND, startedAt: SECOND, finishedAt: SECOND };
    await finishNight(openStore, withoutRef, { version, parent: null, ...times }, TEST_OWNER);
    expect(await chosen(record)).toEqual({ scheduledAt: SECOND, isBegun: true });
    await moveRef(openStore(job.spec.output), refMove('v9', undefined, SECOND + 9999));
    expect(await chosen(record)).toEqual({ scheduledAt: NOW_IN_SECONDS, isBegun: false });
  });

  test('one that another job began is left and named', async () => {
    const record = schedule();
    await begun(record, SECOND);
    const { job } = record;
    const changed = { ...record, job: { ...job, spec: { ...job.spec, shardBytes: 77 } } };
    expect(await chosen(changed)).toEqual({
      scheduledAt: NOW_IN_SECONDS,
      isBegun: false,
      left: { version: nightVersion('nightly', SECOND), why: expect.stringContaining('shard') },
    });
    await expect(chosen(changed, SECOND)).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
  });
});

test('a time names its night, begun or not', async () => {
  const record = schedule();
  await begun(record, SECOND);
  expect(await chosen(record, SECOND + 999)).toEqual({ scheduledAt: SECOND, isBegun: true });
  expect(await chosen(record, FIRST)).toEqual({ scheduledAt: FIRST, isBegun: false });
});

describe('now', () => {
  test('begins a night although the latest one is unfinished', async () => {
    const record = schedule();
    await begun(record, SECOND);
    expect(await chosen(record, 'now')).toEqual({ scheduledAt: NOW_IN_SECONDS, isBegun: false });
  });

  test.each(['now', undefined] as const)(
    'names a night by the next free second where one began in this one: --at %s',
    async (at) => {
      const record = schedule();
      await finished(record, NOW_IN_SECONDS);
      expect(await chosen(record, at)).toEqual({ scheduledAt: NOW_IN_SECONDS + 1000, isBegun: false });
      await finished(record, NOW_IN_SECONDS + 1000);
      expect(await chosen(record, at)).toEqual({ scheduledAt: NOW_IN_SECONDS + 2000, isBegun: false });
    },
  );

  test('names another night than one of this second that another job began', async () => {
    const record = schedule();
    await begun(record, NOW);
    const { job } = record;
    const changed = { ...record, job: { ...job, spec: { ...job.spec, shardBytes: 77 } } };
    const scheduledAt = NOW_IN_SECONDS + 1000;
    expect(await chosen(changed, 'now')).toEqual({ scheduledAt, isBegun: false });
    expect(await chosen(changed)).toMatchObject({ scheduledAt, isBegun: false, left: {} });
  });
});
