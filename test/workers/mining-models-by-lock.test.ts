import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { type ModelLock, parseHubName } from '../../core/model-lock.js';
import { MINE_JOB, type MineJobInput, miningWorkflowId } from '../../core/workflow-api.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import { prepareJob } from '../../engine/job/prepare-job.js';
import { minedReport } from '../../engine/mining/plan-mining.js';
import { prepareMining } from '../../engine/mining/prepare-mining.js';
import { pushModel } from '../../engine/model/fetch/model-store.js';
import { pullFromHub } from '../../engine/model/fetch/pull-from-hub.js';
import { openStore } from '../../engine/store/open-store.js';
import { readJsonRecord } from '../../engine/version/read-json-record.js';
import { localTools } from '../../local/local-tools.js';
import { mineLocally } from '../../local/mine.js';
import { runJobLocally } from '../../local/run-job.js';
import { localModels } from '../../workers/worker-tools.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { useHubEnvironment } from '../support/hub-environment.js';
import { filesOfFolder, type HubServer, startHubServer } from '../support/hub-server.js';
import { oneAttempt } from '../support/one-attempt.js';
import { failureOf, startWorkerWith, type TestNamespace, testNamespace } from '../support/temporal.js';

const CROSS_ENCODER = fileURLToPath(new URL('../fixtures/cross-encoders/saved', import.meta.url));
const [EMBEDDER, SCORER] = ['org/tiny', 'org/scorer'];

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const signal = new AbortController().signal;
let hub: HubServer;
let namespace: TestNamespace;
let locks: { embedder: ModelLock; scorer: ModelLock };

beforeAll(async () => {
  namespace = await testNamespace();
  hub = await startHubServer();
});
afterAll(async () => {
  await hub?.close();
  await namespace?.close();
});
useHubEnvironment(() => ({ HF_ENDPOINT: hub.url, HF_HOME: at('hf') }));
beforeEach(() => {
  process.env.VECTORMILL_CACHE = at('cache');
});

/** Pulls both models on the first machine, and embeds a version there. */
async function begin(): Promise<void> {
  await writeTinyModel(at('source'));
  hub.add(EMBEDDER, { files: filesOfFolder(at('source')) });
  hub.add(SCORER, { files: filesOfFolder(CROSS_ENCODER) });
  locks = {
    embedder: (await pullFromHub(parseHubName(EMBEDDER)!)).lock,
    scorer: (await pullFromHub(parseHubName(SCORER)!)).lock,
  };
  const lines = [...'abcdefgh'].map((_id) => JSON.stringify({ _id, title: _id, text: `${_id} x y z` }));
  writeFileSync(at('texts.jsonl'), lines.join('\n'));
  const draft = {
    dataset: 'letters',
    version: 'v1',
    input: './texts.jsonl',
    output: './out',
    model: EMBEDDER,
  };
  const { job } = await prepareJob(at('job.yaml'), JSON.stringify(draft), openStore);
  const { tools, close } = localTools(openStore);
  await runJobLocally(job, tools, signal).done.finally(close);
}

/** Prepares mining on the machine that has the models. */
async function prepared(name: string, more: Record<string, unknown> = {}) {
  const draft = {
    dataset: 'letters',
    output: './out',
    version: 'v1',
    name,
    cross_encoder: { model: SCORER, top: 5, max_cross_score: 1 },
    ...more,
  };
  const file = at('mine.yaml');
  return prepareMining(parseMiningJob(JSON.stringify(draft), file), openStore, file);
}

/** Has the following calls use the cache of a machine that has no models. */
function elsewhere(machine: string): void {
  process.env.VECTORMILL_CACHE = at(machine);
}

function startMining(record: MiningRecord) {
  const input: MineJobInput = { record, concurrency: 2 };
  const workflowId = miningWorkflowId(record.spec);
  return namespace.client.workflow.start(MINE_JOB, { workflowId, taskQueue: 'control', args: [input] });
}

/** Returns the paths of weights that the hub was asked for. */
const weightsAsked = () =>
  hub.seen
    .map(({ path }) => path)
    .filter((path) => path.includes('/resolve/') && path.endsWith('.safetensors'));

test('a worker without the models fetches each from the hub by its lock', async () => {
  await begin();
  const { record, mining } = await prepared('from-hub');
  expect(record.crossEncoderLock).toEqual(locks.scorer);
  hub.seen.length = 0;
  elsewhere('one');
  const worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
  await (await startMining(record)).result().finally(() => worker.stop());
  expect(weightsAsked()).toEqual([
    expect.stringContaining(`${EMBEDDER}/resolve/${locks.embedder.commit}/`),
    expect.stringContaining(`${SCORER}/resolve/${locks.scorer.commit}/`),
  ]);
  expect(await readJsonRecord(mining.store, mining.layout.job, 1)).toEqual(record);
});

test('a worker takes them from `models`, refuses other bytes there, and goes on from another place', async () => {
  await expect(prepared('resumed', { models: './models' })).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    remedy: expect.stringContaining(`vectormill model push ${EMBEDDER}@${locks.embedder.commit}`),
  });
  for (const name of [EMBEDDER, SCORER])
    for (const place of ['models', 'spoiled'])
      await pushModel(await pullFromHub(parseHubName(name)!), openStore(at(place)), () => {});
  const weights = at('spoiled', SCORER, locks.scorer.commit, 'model.safetensors');
  writeFileSync(weights, readFileSync(weights).reverse());
  const { record: spoiled } = await prepared('resumed', { models: './spoiled' });
  const { record: mended } = await prepared('resumed', { models: './models' });
  hub.seen.length = 0;
  elsewhere('two');
  const worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
  try {
    expect((await failureOf(await startMining(spoiled))).type).toBe('MODEL_CHECKSUM_MISMATCH');
    await (await startMining(mended)).result();
  } finally {
    await worker.stop();
  }
  expect(hub.seen).toEqual([]);
});

test('the local executor fetches them, too', async () => {
  const { record, mining } = await prepared('here');
  elsewhere('three');
  const { tools, close } = localTools(openStore);
  const run = { signal, onProgress: () => {}, onRetry: oneAttempt };
  const report = await mineLocally(tools.miningOf(record), mining, record, run).finally(close);
  expect(report.totals.queries).toBe(8);
});

test('a record without a lock looks for the name as before, and is the same mining as one with it', async () => {
  const { record, mining } = await prepared('earlier');
  const { crossEncoderLock: _, ...earlier } = record;
  elsewhere('three');
  const { tools, close } = localTools(openStore);
  const run = { signal, onProgress: () => {}, onRetry: oneAttempt };
  try {
    // This machine holds the commit, but no revision of the name.
    await expect(mineLocally(tools.miningOf(earlier), mining, earlier, run)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      remedy: expect.stringContaining(`vectormill model pull ${SCORER}`),
    });
    process.env.VECTORMILL_CACHE = at('cache');
    await mineLocally(tools.miningOf(earlier), mining, earlier, run);
  } finally {
    await close();
  }
  expect(await minedReport(mining, record)).toBeDefined();
});

test('`models` is refused where neither model was pulled by name', async () => {
  const draft = {
    dataset: 'plain',
    version: 'v1',
    input: './texts.jsonl',
    output: './out',
    model: './source',
  };
  const { job } = await prepareJob(at('job.yaml'), JSON.stringify(draft), openStore);
  const { tools, close } = localTools(openStore);
  await runJobLocally(job, tools, signal).done.finally(close);
  const cross_encoder = { model: CROSS_ENCODER, top: 5, max_cross_score: 1 };
  await expect(
    prepared('by-path', { dataset: 'plain', models: './models', cross_encoder }),
  ).rejects.toMatchObject({ code: 'JOB_INVALID', message: expect.stringContaining(CROSS_ENCODER) });
});
