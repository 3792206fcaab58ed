import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import pino from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporalSettings } from '../../../cli/temporal/temporal-settings.js';
import { whileLetIn } from '../../../cli/temporal/while-let-in.js';
import { workflowId } from '../../../core/workflow-api.js';
import { runWorker } from '../../../workers/run-worker.js';
import { localModels } from '../../../workers/worker-tools.js';
import { writeTinyModel } from '../../engine/model/tiny-model.js';
import { storedByTemporal } from '../../support/stored-by-temporal.js';
import { eventually } from '../../support/temporal.js';
import { writeCorpus } from '../../support/test-job.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { vectormill, vectormillJson } from '../command-line.js';
import {
  API_KEY,
  at,
  byKey,
  byName,
  direct,
  examined,
  HOST,
  keyed,
  keys,
  setTemporal,
  writeProfile,
} from './secured-servers.js';

const TEAM = 'a-header-that-nobody-may-see';
const QUEUES = ['control', 'chunk-cpu', 'embed-cpu'] as const;

beforeAll(async () => {
  await writeTinyModel(at('model'));
  writeCorpus(at(), { 'a.jsonl': [{ _id: 'first', text: 'a b c' }] });
});

/**
 * Runs a job by a worker and commands that all connect by the settings. Returns what the worker
 * logs.
 */
async function runsAJob(dataset: string): Promise<string> {
  const job = { dataset, version: 'v1', input: './corpus', output: './out', model: './model' };
  await writeFile(at('job.json'), JSON.stringify(job));
  const stop = new AbortController();
  let log = '';
  const running = runWorker({
    ...temporalSettings(),
    queues: QUEUES,
    models: localModels({ sessions: 1 }),
    log: pino({ level: 'trace' }, { write: (line) => (log += line) }),
    stop: stop.signal,
    workflowBundle: await workflowBundle(),
  });
  try {
    expect((await vectormill('run', at('job.json'), '--detach')).code).toBe(0);
    await direct.client.workflow.getHandle(workflowId({ dataset, version: 'v1' })).result();
    expect((await vectormillJson('status', `${dataset}@v1`)).code).toBe(0);
    expect((await vectormill('list')).stdout).toContain(dataset);
  } finally {
    stop.abort();
    await running;
  }
  return log;
}

describe('a secured Temporal', () => {
  test('commands and workers come in by a client certificate of a profile', async () => {
    setTemporal(await writeProfile());
    await runsAJob('by-certificate');
    expect(await examined()).toMatchObject({
      failed: [],
      found: expect.stringContaining('mTLS: both sides'),
    });
  });

  test('commands and workers come in by an API key, with headers, and no log and no history shows them', async () => {
    setTemporal({ ...byKey(API_KEY), TEMPORAL_GRPC_META_TEAM: TEAM });
    const log = await runsAJob('by-key');
    expect(await examined()).toMatchObject({
      failed: [],
      found: expect.stringMatching(/TLS: the server's certificate.*takes the key of TEMPORAL_API_KEY/s),
    });
    const agents = keyed.seen.headers.filter(({ team }) => team === TEAM).map((own) => own['client-name']);
    expect(new Set(agents)).toEqual(new Set(['temporal-typescript']));
    const stored = await storedByTemporal(direct.client);
    for (const secret of [API_KEY, TEAM]) expect(`${log}${stored}`).not.toContain(secret);
  });

  test('certificates and keys can be given in the variables themselves, and the server be called by its name', async () => {
    const data = (file: string) => readFileSync(at('ca', file), 'utf8');
    setTemporal({
      TEMPORAL_ADDRESS: byName.address,
      TEMPORAL_TLS_SERVER_NAME: HOST,
      TEMPORAL_TLS_SERVER_CA_CERT_DATA: data('ca.pem'),
      TEMPORAL_TLS_CLIENT_CERT_DATA: data('client.pem'),
      TEMPORAL_TLS_CLIENT_KEY_DATA: data('client.key'),
    });
    const log = await runsAJob('by-data');
    expect([...byName.seen.servernames]).toEqual([HOST]);
    const secret = data('client.key').split('\n')[1]!;
    expect(`${log}${await storedByTemporal(direct.client)}`).not.toContain(secret);
  });

  test('a worker whose key is withdrawn ends and says so', async () => {
    setTemporal(byKey(API_KEY));
    const calls = () => keyed.seen.headers.length;
    const stop = new AbortController();
    const lines: string[] = [];
    let isServing = true;
    const serving = whileLetIn(
      stop.signal,
      async (stopped) =>
        runWorker({
          ...temporalSettings(),
          queues: ['chunk-cpu'],
          models: localModels({ sessions: 1 }),
          log: pino({}, { write: (line) => lines.push(line) }),
          stop: stopped,
        }),
      20,
    ).finally(() => {
      isServing = false;
    });
    await eventually(async () => lines.join().includes('worker.started'));
    const before = calls();
    await eventually(async () => calls() > before + 20);
    expect(isServing).toBe(true);
    keys.clear();
    try {
      await expect(serving).rejects.toMatchObject({
        code: 'TEMPORAL_DENIED',
        message: expect.stringContaining('refuses the key of TEMPORAL_API_KEY'),
        hasBegun: true,
      });
    } finally {
      keys.add(API_KEY);
    }
  });
});
