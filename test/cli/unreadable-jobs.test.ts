import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { listJobs } from '../../cli/job/find-job.js';
import { createSchedule } from '../../cli/schedule/create-schedule.js';
import { listScheduleNames } from '../../cli/schedule/find-schedule.js';
import { findRunning } from '../../cli/temporal/find-running.js';
import { encryptionKeys, encryptionVariables, newKey } from '../support/encryption.js';
import {
  encryptingClient,
  eventually,
  startJob,
  type TestNamespace,
  testNamespace,
} from '../support/temporal.js';
import { testJob } from '../support/test-job.js';
import { testSchedule } from '../support/test-schedule.js';
import { vectormill, vectormillJson } from './command-line.js';

const HELD = newKey('2026-11');
const MISSING = newKey('2026-12');
const PROBLEM = 'PAYLOAD_UNREADABLE: a payload is encrypted by the key 2026-12, which is not here';
const FOLDER = '/corpora/test';
const OUTPUT = `file://${FOLDER}/out`;

let namespace: TestNamespace;

/** Starts a job and a schedule by each of the two keys. No worker serves them. */
beforeAll(async () => {
  namespace = await testNamespace();
  for (const [name, key] of [
    ['open', HELD],
    ['closed', MISSING],
  ] as const) {
    const client = encryptingClient(namespace, encryptionKeys(key));
    await startJob({ client }, testJob(FOLDER, { dataset: name }));
    const schedule = { ...testSchedule(FOLDER, { dataset: name }), name: `nightly-${name}` };
    await createSchedule(client, schedule, { replace: false });
  }
  // The server's lists are a moment late.
  const client = encryptingClient(namespace, encryptionKeys(HELD));
  await eventually(async () => {
    let jobs = 0;
    for await (const _ of listJobs(client)) jobs += 1;
    return jobs === 2 && (await listScheduleNames(client)).length === 2;
  });
});
beforeEach(() => {
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace.namespace);
  for (const [name, value] of Object.entries(encryptionVariables(HELD))) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => namespace?.close());

test('a job whose key is missing is listed as unreadable, with the key, among the others', async () => {
  const { code, json } = await vectormillJson('list');
  expect(code).toBe(0);
  expect(json).toEqual([
    expect.objectContaining({ job: 'closed@v1', output: null, problem: expect.stringContaining(PROBLEM) }),
    expect.objectContaining({ job: 'open@v1', output: OUTPUT, problem: null }),
  ]);
  expect((await vectormill('list')).stdout).toMatch(/closed@v1 {2}unreadable: .*the key 2026-12/);
});

test('so is its dataset', async () => {
  const { code, json } = await vectormillJson('list', '--status');
  expect(code).toBe(0);
  const versions = [expect.objectContaining({ version: 'v1', status: 'RUNNING' })];
  expect(json).toEqual([
    { dataset: 'closed', output: null, versions, problem: expect.stringContaining(PROBLEM) },
    { dataset: 'open', output: OUTPUT, versions, problem: null },
  ]);
  const { stdout } = await vectormill('list', '--status', 'running');
  expect(stdout).toMatch(
    /^closed in a place that cannot be read\n {2}v1 .*\n {2}unreadable: .*the key 2026-12/,
  );
});

test('so is its schedule', async () => {
  const { code, json } = await vectormillJson('schedule', 'list');
  expect(code).toBe(0);
  expect(json).toEqual([
    { schedule: 'nightly-closed', problem: expect.stringContaining(PROBLEM) },
    expect.objectContaining({ schedule: 'nightly-open', dataset: 'open' }),
  ]);
  const { stdout } = await vectormill('schedule', 'list');
  expect(stdout).toMatch(/^nightly-closed {2}unreadable: .*the key 2026-12.*\nnightly-open {2}open/);
});

test('it does not hide where other datasets lie', async () => {
  const errorOf = async (job: string) => (await vectormillJson('inspect', job)).json.error;
  // No file of this version was written yet, but its place is known.
  expect(await errorOf('open@v1')).toMatchObject({ message: expect.stringContaining(OUTPUT) });
  expect(await errorOf('closed@v1')).toMatchObject({ code: 'PAYLOAD_UNREADABLE' });
});

test('it may be the work of a command, and the last job of its dataset is found by name', async () => {
  const never = new AbortController().signal;
  for (const dataset of ['open', 'closed'])
    expect(await findRunning([`vectormill/${dataset}/v1`], OUTPUT, never)).toBe(`vectormill/${dataset}/v1`);
  expect(await findRunning(['vectormill/open/v1'], 'file:///elsewhere', never)).toBeUndefined();
  // Both are found behind the job that cannot be read, and only its own state cannot be shown.
  expect((await vectormillJson('status', 'open')).json).toMatchObject({ job: 'open@v1', status: 'RUNNING' });
  expect((await vectormillJson('status', 'closed@v1')).json.error.code).toBe('PAYLOAD_UNREADABLE');
});
