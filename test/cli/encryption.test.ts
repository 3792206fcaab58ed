import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { observeJob } from '../../cli/job/observe-job.js';
import { VectormillError } from '../../core/errors.js';
import { scheduleId } from '../../core/workflow-api.js';
import type { EncryptionKeys } from '../../engine/encryption/encryption-keys.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { encryptionKeys, encryptionVariables, newKey } from '../support/encryption.js';
import { GatedEmbedder } from '../support/gated-embedder.js';
import { storedByTemporal, textIn } from '../support/stored-by-temporal.js';
import {
  encryptingClient,
  eventually,
  startJob,
  startWorkerWith,
  type TestNamespace,
  testModels,
  testNamespace,
} from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testEmbedder } from '../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../support/test-job.js';
import { startWorkerProcess } from '../support/worker-process.js';
import { vectormill, vectormillJson } from './command-line.js';

const OLD = newKey('2026-11');
const NEW = newKey('2026-12');

let namespace: TestNamespace;

beforeAll(async () => {
  namespace = await testNamespace();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => namespace?.close());

/** Lets commands use the namespace with these keys, of which the first encrypts. */
function commandsHave(...given: string[]): { client: Client; keys: EncryptionKeys } {
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace.namespace);
  for (const [name, value] of Object.entries(encryptionVariables(...given))) vi.stubEnv(name, value);
  const keys = encryptionKeys(...given);
  return { client: encryptingClient(namespace, keys), keys };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Documents with ids and words that occur nowhere else. */
const PLANTED = Array.from({ length: 30 }, (_, number) => ({
  _id: `planted-id-${number}`,
  title: `planted title ${number}`,
  text: Array.from({ length: 8 }, (_, word) => LETTERS[(number * 5 + word * (1 + (number % 7))) % 26]).join(
    ' ',
  ),
}));

const TYPES = ['nightlyJob', 'embedJob', 'lane', 'mineJob', 'buildIndex'];

/** Returns what the server has stored, once its lists have each of these workflows. */
async function storedOnce(client: Client, types: readonly string[]): Promise<string> {
  let stored = '';
  await eventually(async () => {
    stored = await storedByTemporal(client);
    return types.every((type) => stored.includes(type));
  });
  return stored;
}

test('a night with all of its steps leaves no path, id or text in Temporal', async () => {
  const folder = temporaryFolder();
  const model = join(folder, 'planted-model');
  await writeTinyModel(model);
  writeCorpus(folder, { 'planted-object.jsonl': PLANTED });
  const job = { dataset: 'handbook', input: './corpus', output: './planted-output', model };
  const mine = { mining: { num_negatives: 2, near_duplicate: 'off' } };
  const index = { exact_below: 0, recall: 0.5 };
  const file = join(folder, 'nightly.yaml');
  writeFileSync(file, JSON.stringify({ name: 'nightly', cron: '0 2 * * *', job, mine, index }));
  const { client } = commandsHave(OLD);
  // The built worker, because it bundles workflows and loads converters in another way.
  const worker = startWorkerProcess(process.env);
  try {
    expect(await vectormill('schedule', 'create', file)).toMatchObject({ code: 0, stderr: '' });
    expect(await vectormill('schedule', 'trigger', 'nightly')).toMatchObject({ code: 0 });
    const schedule = client.schedule.getHandle(scheduleId('nightly'));
    await eventually(async () => {
      const { info } = await schedule.describe();
      return info.recentActions.length > 0 && info.runningActions.length === 0;
    });
    expect((await vectormillJson('status', 'nightly')).json.last).toMatchObject({ state: 'complete' });
  } finally {
    await worker.stop();
  }
  const stored = await storedOnce(client, TYPES);
  for (const planted of [folder, 'planted', PLANTED[0]!.text]) expect(stored).not.toContain(planted);

  // A new key: the schedule is read by its old one until it is written again.
  commandsHave(NEW, OLD);
  expect((await vectormillJson('schedule', 'create', file)).json).toMatchObject({ unchanged: true });
  expect(await argumentsOf('nightly')).toContain('2026-11');
  await vectormill('schedule', 'create', file, '--replace');
  expect(await argumentsOf('nightly')).toContain('2026-12');
  expect((await vectormillJson('status', 'nightly')).json.last).toMatchObject({ state: 'complete' });
  await vectormill('schedule', 'delete', 'nightly');
});

/** Returns what the server has stored of a schedule, as text. */
async function argumentsOf(schedule: string): Promise<string> {
  const { workflowService, options } = namespace.client;
  const place = { namespace: options.namespace, scheduleId: scheduleId(schedule) };
  return textIn((await workflowService.describeSchedule(place)).schedule?.action);
}

test('the heartbeats, the failures and the stacks of a job show nothing but where to look', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'planted-object.jsonl': documents(12, 4, 'planted') });
  const { client, keys } = commandsHave(OLD);
  const gated = new GatedEmbedder();
  gated.hold();
  let attempts = 0;
  const embedder: Embedder = {
    ...testEmbedder(),
    embed: async (texts, options) => {
      const [text] = texts;
      // The probe comes before the first part, and has texts of its own.
      if (!text?.includes('planted')) return testEmbedder().embed(texts, options);
      await gated.embed([]);
      attempts += 1;
      if (attempts === 1) throw new Error(`met ${text}`);
      throw new VectormillError('VECTOR_INVALID', `${folder}: ${text}`, {
        component: 'test',
        remedy: 'None.',
      });
    },
  };
  const worker = startWorkerWith(namespace, testModels(embedder), { encryption: keys });
  const job = testJob(folder, { dataset: 'failing', shard_bytes: 100_000 });
  const handle = await startJob({ client }, job);
  try {
    await eventually(async () => gated.waiting > 0);
    expect(await storedOnce(client, ['embedShard'])).not.toContain('planted');
    gated.release();
    await eventually(
      async () => (await observeJob(client, handle)).lastFailure?.includes('met planted') ?? false,
    );
    gated.hold();
    const failed = await storedOnce(client, ['Encoded failure']);
    gated.release();
    for (const planted of ['planted', folder, 'encryption.test.ts']) expect(failed).not.toContain(planted);
    await eventually(async () => (await handle.describe()).status.name === 'FAILED');
  } finally {
    gated.release();
    await worker.stop();
  }
  const { json } = await vectormillJson('status', 'failing@v1');
  expect(json.failure).toMatchObject({
    code: 'VECTOR_INVALID',
    message: expect.stringContaining(`${folder}: planted 0`),
  });
  expect(await storedByTemporal(client)).not.toContain('planted');
});

test('what was planted is found where nothing is encrypted', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'planted-object.jsonl': documents(4) });
  const worker = startWorkerWith(namespace, testModels());
  const { client } = commandsHave(OLD);
  try {
    await (await startJob(namespace, testJob(folder, { dataset: 'plain' }))).result();
    await storedOnce(client, [folder]);
  } finally {
    await worker.stop();
  }
});

test('a job that was begun without keys, and went on by an old one, is finished and read with a new one', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(24, 10) });
  const job = testJob(folder, { dataset: 'mixed', shard_bytes: 100_000 });
  const handle = await startJob(namespace, job);
  for (const encryption of [undefined, encryptionKeys(OLD)]) {
    const embedder = new GatedEmbedder();
    embedder.hold();
    const worker = startWorkerWith(namespace, testModels(embedder), { encryption });
    await eventually(async () => embedder.waiting > 0);
    const stopped = worker.stop();
    embedder.release();
    await stopped;
  }
  const { client, keys } = commandsHave(NEW, OLD);
  const last = startWorkerWith(namespace, testModels(), { encryption: keys });
  const { totals } = await client.workflow
    .getHandle(handle.workflowId)
    .result()
    .finally(() => last.stop());
  expect(totals).toMatchObject({ documents: 24 });
  expect((await vectormillJson('status', 'mixed')).json).toMatchObject({ status: 'COMPLETED' });
  const stored = await storedByTemporal(client);
  for (const id of ['2026-11', '2026-12', folder]) expect(stored).toContain(id);
});

test('a worker without the key names it, and the job waits for one that has it', {
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(8) });
  const { client, keys } = commandsHave(NEW);
  const missing = 'encrypted by the key 2026-12, which is not here';
  const others = startWorkerWith(namespace, testModels(), { encryption: encryptionKeys(OLD) });
  // A worker reports the first failure of a workflow task, and lets further attempts time out.
  const handle = await startJob({ client }, testJob(folder, { dataset: 'waiting' }), {
    workflowTaskTimeout: '2s',
  });
  await eventually(async () => others.log.some(({ error }) => String(error).includes(missing)));
  await others.stop();

  const control = startWorkerWith(namespace, testModels(), { encryption: keys, queues: ['control'] });
  await eventually(async () => (await pendingOf(client, 'waiting')) > 0);
  await control.stop();
  const keyless = startWorkerWith(namespace, testModels(), { queues: ['chunk-cpu'] });
  await eventually(async () => (await observeJob(client, handle)).lastFailure?.includes(missing) ?? false);
  await keyless.stop();
  expect((await handle.describe()).status.name).toBe('RUNNING');

  const whole = startWorkerWith(namespace, testModels(), { encryption: keys });
  const { totals } = await handle.result().finally(() => whole.stop());
  expect(totals).toMatchObject({ documents: 8 });

  commandsHave(OLD);
  const { code, json } = await vectormillJson('status', 'waiting@v1');
  expect({ code, error: json.error }).toMatchObject({ code: 1, error: { code: 'PAYLOAD_UNREADABLE' } });
  expect(json.error.message).toContain('the key 2026-12');
});

/** Counts the activities that wait or run in the first lane that scans a dataset. */
async function pendingOf(client: Client, dataset: string): Promise<number> {
  const { raw } = await client.workflow.getHandle(`vectormill/${dataset}/v1/scan/0`).describe();
  return raw.pendingActivities?.length ?? 0;
}
