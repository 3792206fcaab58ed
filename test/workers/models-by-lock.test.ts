import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JobRecord } from '../../core/job-spec.js';
import { parseHubName } from '../../core/model-lock.js';
import { prepareJob } from '../../engine/job/prepare-job.js';
import { pushModel } from '../../engine/model/fetch/model-store.js';
import { pullFromHub } from '../../engine/model/fetch/pull-from-hub.js';
import { openStore } from '../../engine/store/open-store.js';
import { localModels } from '../../workers/worker-tools.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { useHubEnvironment } from '../support/hub-environment.js';
import { filesOfFolder, type HubServer, startHubServer } from '../support/hub-server.js';
import {
  failureOf,
  startJob,
  startWorkerWith,
  type TestNamespace,
  testNamespace,
} from '../support/temporal.js';

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const NAME = 'org/tiny';
let hub: HubServer;
let namespace: TestNamespace;
let file: string;

beforeAll(async () => {
  namespace = await testNamespace();
  hub = await startHubServer();
  await writeTinyModel(at('source'));
  hub.add(NAME, { files: filesOfFolder(at('source')) });
  writeFileSync(at('texts.jsonl'), '{"_id": "1", "text": "a b c"}\n{"_id": "2", "text": "d e"}\n');
  file = at('job.yaml');
});
afterAll(async () => {
  await hub?.close();
  await namespace?.close();
});
useHubEnvironment(() => ({ HF_ENDPOINT: hub.url, HF_HOME: at('hf') }));
beforeEach(() => {
  process.env.VECTORMILL_CACHE = at('cache');
});

/** Prepares a job on the machine that has the model. */
async function prepared(more: Record<string, unknown>): Promise<JobRecord> {
  const draft = { dataset: 'letters', input: './texts.jsonl', output: './out', model: NAME, ...more };
  return (await prepareJob(file, JSON.stringify(draft), openStore)).job;
}

/** Starts a worker on a machine that has no models. */
function workerElsewhere(machine: string) {
  process.env.VECTORMILL_CACHE = at(machine);
  return startWorkerWith(namespace, localModels({ sessions: 1 }));
}

test('a worker without the model fetches it from the hub by the lock in job.json', async () => {
  const { lock } = await pullFromHub(parseHubName(NAME)!);
  const job = await prepared({ version: 'v1' });
  expect(job.modelLock).toEqual(lock);
  const worker = workerElsewhere('one');
  try {
    await (await startJob(namespace, job)).result();
  } finally {
    await worker.stop();
  }
  const record = JSON.parse(readFileSync(at('out', 'letters', 'versions', 'v1', 'job.json'), 'utf8'));
  expect(record.modelLock).toEqual(lock);
});

test('a worker takes it from `models`, refuses other bytes there, and goes on from another place', async () => {
  const { folder: pulled, lock } = await pullFromHub(parseHubName(NAME)!);
  await expect(prepared({ version: 'v2', models: './models' })).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    remedy: expect.stringContaining(`vectormill model push ${NAME}@${lock.commit} file://${at('models')}`),
  });
  for (const place of ['models', 'spoiled'])
    await pushModel({ folder: pulled, lock }, openStore(at(place)), () => {});
  const weights = at('spoiled', NAME, lock.commit, 'model.safetensors');
  writeFileSync(weights, readFileSync(weights).reverse());
  const [first, second] = [
    await prepared({ version: 'v2', models: './spoiled' }),
    await prepared({ version: 'v2', models: './models' }),
  ];
  hub.seen.length = 0;
  const worker = workerElsewhere('two');
  try {
    expect((await failureOf(await startJob(namespace, first))).type).toBe('MODEL_CHECKSUM_MISMATCH');
    await (await startJob(namespace, second)).result();
  } finally {
    await worker.stop();
  }
  expect(hub.seen).toEqual([]);
});

test('`models` with a model by its path is refused', async () => {
  await expect(prepared({ version: 'v3', model: './source', models: './models' })).rejects.toMatchObject({
    code: 'JOB_INVALID',
  });
});
