import { join } from 'node:path';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../core/canonical-json.js';
import { EDITIONS } from '../../../core/editions.js';
import { differencesOf, jobOfNight, type ScheduleRecord } from '../../../core/schedule/schedule-record.js';
import { testSchedule } from '../../support/test-schedule.js';

const equal = (a: unknown, b: unknown) => canonicalJson({ value: a }) === canonicalJson({ value: b });

function record(more: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return { ...testSchedule(join('/', 'corpora')), ...more };
}

it('a night makes its version from the one that the ref named, and moves no ref before its other steps', () => {
  const job = jobOfNight(record(), 'nightly-20261121T020000Z', { parent: 'v1', editions: EDITIONS });
  expect(job).toMatchObject({
    parent: 'v1',
    editions: EDITIONS,
    spec: { version: 'nightly-20261121T020000Z', ref: 'none' },
  });
  expect(record().job.spec.ref).toBe('current');
});

it('equal schedules differ in nothing, whatever the order of their members', () => {
  const shuffled = JSON.parse(canonicalJson(record())) as ScheduleRecord;
  expect(differencesOf(record(), shuffled, equal)).toEqual([]);
});

it('differences are named by the keys of the file, also for a model whose folder was changed and a step that was added', () => {
  const { job, timing } = record();
  const other = record({
    timing: { ...timing, timezone: 'Europe/Berlin' },
    job: { ...job, fingerprint: 'f'.repeat(64) },
    index: { name: 'main', request: { metric: 'cosine', recallTarget: 0.9 } },
  });
  expect(differencesOf(record(), other, equal)).toEqual([
    'timezone',
    'job.model (fingerprint)',
    'index.name',
    'index.metric',
    'index.recall',
  ]);
});
