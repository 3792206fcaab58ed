import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, runChecks } from '../../../cli/doctor/check.js';
import { settingsCheck } from '../../../cli/doctor/settings-check.js';
import { temporalChecks } from '../../../cli/doctor/temporal-checks.js';
import { temporalSettings } from '../../../cli/temporal/temporal-settings.js';
import { whileLetIn } from '../../../cli/temporal/while-let-in.js';
import { workflowId } from '../../../core/workflow-api.js';
import { runWorker } from '../../../workers/run-worker.js';
import { localModels } from '../../../workers/worker-tools.js';
import { useTemporaryFolder } from '../../engine/model/temporary-folder.js';
import { writeTinyModel } from '../../engine/model/tiny-model.js';
import { type SecuredTemporal, startApiKeyProxy, startMtlsProxy } from '../../support/secured-temporal.js';
import { storedByTemporal } from '../../support/stored-by-temporal.js';
import { eventually, type TestNamespace, testNamespace } from '../../support/temporal.js';
import { TestAuthority } from '../../support/test-certificates.js';
import { writeCorpus } from '../../support/test-job.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { vectormill, vectormillJson } from '../command-line.js';

const API_KEY = 'a-key-that-nobody-may-see';
/** The keys that are let in at the time. */
const keys = new Set([API_KEY]);
const HOST = 'temporal.test';
const TEAM = 'a-header-that-nobody-may-see';
const QUEUES = ['control', 'chunk-cpu', 'embed-cpu'] as const;

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const before = { ...process.env };
let direct: TestNamespace;
let authority: TestAuthority;
let other: TestAuthority;
let mtls: SecuredTemporal;
let keyed: SecuredTemporal;
/** Takes a client certificate, and has a certificate for a name that is not its address. */
let byName: SecuredTemporal;

beforeAll(async () => {
  direct = await testNamespace();
  authority = await TestAuthority.create(at('ca'));
  other = await TestAuthority.create(at('other-ca'));
  const server = await authority.sign('server');
  const named = await authority.sign('named', { host: HOST });
  await authority.sign('client');
  await authority.sign('expired', { days: -1 });
  await other.sign('stranger');
  byName = await startMtlsProxy(direct.address, named, authority.cert);
  mtls = await startMtlsProxy(direct.address, server, authority.cert);
  keyed = await startApiKeyProxy(direct.address, server, keys);
  await writeTinyModel(at('model'));
  writeCorpus(folder.path, { 'a.jsonl': [{ _id: 'first', text: 'a b c' }] });
});

afterEach(() => {
  process.env = { ...before };
});

afterAll(async () => {
  await mtls?.close();
  await byName?.close();
  await keyed?.close();
  await direct?.close();
});

/** Sets the variables that are given, and no other setting of Temporal. */
function set(variables: NodeJS.ProcessEnv): void {
  process.env = { ...before, TEMPORAL_NAMESPACE: direct.namespace, ...variables };
  if (!variables.TEMPORAL_ADDRESS) delete process.env.TEMPORAL_ADDRESS;
}

const byCertificate = (client: string): NodeJS.ProcessEnv => ({
  TEMPORAL_ADDRESS: mtls.address,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert,
  TEMPORAL_TLS_CLIENT_CERT_PATH: at(`${client}.pem`),
  TEMPORAL_TLS_CLIENT_KEY_PATH: at(`${client}.key`),
});

const byKey = (apiKey: string): NodeJS.ProcessEnv => ({
  TEMPORAL_ADDRESS: keyed.address,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert,
  TEMPORAL_API_KEY: apiKey,
});

/** Writes a profile that says what `byCertificate` says. */
async function profile(): Promise<NodeJS.ProcessEnv> {
  const toml = `[profile.prod]
address = "${mtls.address}"
namespace = "${direct.namespace}"
[profile.prod.tls]
server_ca_cert_path = "${authority.cert}"
client_cert_path = "${at('ca/client.pem')}"
client_key_path = "${at('ca/client.key')}"
`;
  await writeFile(at('temporal.toml'), toml);
  return { TEMPORAL_CONFIG_FILE: at('temporal.toml'), TEMPORAL_PROFILE: 'prod' };
}

/**
 * Lets the doctor examine the way to Temporal. Returns the names of what failed, and all that was
 * found.
 */
async function examined(): Promise<{ failed: string[]; found: string }> {
  const findings: Finding[] = [];
  for await (const finding of runChecks([settingsCheck, ...temporalChecks()])) findings.push(finding);
  return {
    failed: findings.flatMap(({ status, name }) => (status === 'failed' ? [name] : [])),
    found: findings.map(({ found }) => found).join('\n'),
  };
}

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
    set(await profile());
    await runsAJob('by-certificate');
    expect(await examined()).toMatchObject({
      failed: [],
      found: expect.stringContaining('mTLS: both sides'),
    });
  });

  test('commands and workers come in by an API key, with headers, and no log and no history shows them', async () => {
    set({ ...byKey(API_KEY), TEMPORAL_GRPC_META_TEAM: TEAM });
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
    set({
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

  const REFUSED: readonly [
    what: string,
    settings: () => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>,
    code: string,
    says: RegExp,
    check: string,
  ][] = [
    ['a wrong key', () => byKey('another-key'), 'TEMPORAL_DENIED', /key of TEMPORAL_API_KEY/, 'key'],
    [
      'no key',
      () => ({ ...byKey(''), TEMPORAL_TLS: 'true' }),
      'TEMPORAL_DENIED',
      /does not let these settings/,
      'key',
    ],
    [
      'a key with a line break',
      () => byKey(`${API_KEY}\n`),
      'SETTING_INVALID',
      /TEMPORAL_API_KEY holds characters/,
      'settings',
    ],
    [
      'an expired certificate',
      () => byCertificate('ca/expired'),
      'TEMPORAL_DENIED',
      /CLIENT_CERT_PATH .*expired\.pem.* expired on/,
      'settings',
    ],
    [
      'a certificate of another CA',
      () => byCertificate('other-ca/stranger'),
      'TEMPORAL_DENIED',
      /refuses the client certificate of TEMPORAL_TLS_CLIENT_CERT_PATH/,
      'certificate',
    ],
    [
      'no client certificate',
      () => ({ TEMPORAL_ADDRESS: mtls.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert }),
      'TEMPORAL_DENIED',
      /ask for a client certificate/,
      'certificate',
    ],
    [
      'a wrong CA',
      () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_SERVER_CA_CERT_PATH: other.cert }),
      'SETTING_INVALID',
      /is not trusted/,
      'certificate',
    ],
    [
      'a certificate for another name',
      () => ({ ...byCertificate('ca/client'), TEMPORAL_ADDRESS: byName.address }),
      'SETTING_INVALID',
      /is for another name/,
      'certificate',
    ],
    [
      'a client key that is none',
      () => ({
        ...byCertificate('ca/client'),
        TEMPORAL_TLS_CLIENT_KEY_PATH: '',
        TEMPORAL_TLS_CLIENT_KEY_DATA: API_KEY,
      }),
      'SETTING_INVALID',
      /TEMPORAL_TLS_CLIENT_KEY_DATA is no private key/,
      'settings',
    ],
    [
      'a key of another certificate',
      () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_CLIENT_KEY_PATH: at('ca/server.key') }),
      'SETTING_INVALID',
      /does not belong/,
      'settings',
    ],
    [
      'a certificate that is not there',
      () => byCertificate('nothing'),
      'SETTING_INVALID',
      /nothing\.pem.*ENOENT/,
      'settings',
    ],
    [
      'a certificate without its key',
      () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_CLIENT_KEY_PATH: '' }),
      'SETTING_INVALID',
      /no client key is/,
      'settings',
    ],
    [
      'TLS to a plain server',
      () => ({ TEMPORAL_ADDRESS: direct.address, TEMPORAL_TLS: 'true' }),
      'SETTING_INVALID',
      /does not speak TLS/,
      'certificate',
    ],
    [
      'no TLS to a TLS server',
      () => ({ TEMPORAL_ADDRESS: keyed.address }),
      'SETTING_INVALID',
      /expects TLS/,
      'certificate',
    ],
    [
      'an unknown profile',
      async () => ({ ...(await profile()), TEMPORAL_PROFILE: 'nobody' }),
      'SETTING_INVALID',
      /TEMPORAL_PROFILE names the profile nobody/,
      'settings',
    ],
    [
      'a file that does not parse',
      async () => {
        await writeFile(at('broken.toml'), `[profile.default]\napi_key = "${API_KEY}\n`);
        return { TEMPORAL_CONFIG_FILE: at('broken.toml') };
      },
      'SETTING_INVALID',
      /broken\.toml is not valid TOML at line 2/,
      'settings',
    ],
    [
      'a file that is not there',
      () => ({ TEMPORAL_CONFIG_FILE: at('nowhere.toml') }),
      'SETTING_INVALID',
      /TEMPORAL_CONFIG_FILE names .*nowhere\.toml/,
      'settings',
    ],
  ];

  test.each(REFUSED)('%s is refused: command, worker and one check of the doctor say it', async (...row) => {
    const [, settings, code, says, check] = row;
    set(await settings());
    const { code: exit, json } = await vectormillJson('list');
    expect([exit, json.error.code]).toEqual([2, code]);
    expect(json.error.message).toMatch(says);
    expect(JSON.stringify(json)).not.toContain(API_KEY);
    const worker = await vectormill('worker');
    expect([worker.code, worker.stdout]).toEqual([2, '']);
    expect(worker.stderr).toContain(`refused (${code})`);
    const { failed, found } = await examined();
    expect({ failed, found }).toEqual({ failed: [check], found: expect.stringMatching(says) });
    expect(`${worker.stderr}${found}`).not.toContain(API_KEY);
  });

  test('an unknown namespace is named', async () => {
    set({ ...byKey(API_KEY), TEMPORAL_NAMESPACE: 'nobody-made-this' });
    const says = expect.stringContaining('has no namespace nobody-made-this');
    expect((await vectormillJson('list')).json.error).toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
      message: says,
    });
    expect(await examined()).toEqual({ failed: ['namespace'], found: says });
  });

  test.each([
    ['127.0.0.1:9', /nothing listens there/, 'temporal'],
    ['temporal.invalid:7233', /its name is not known/, 'address'],
  ])('why a server cannot be reached at %s', async (address, says, check) => {
    set({ TEMPORAL_ADDRESS: address });
    const { code, json } = await vectormillJson('list');
    expect([code, json.error.code, json.error.message]).toEqual([
      1,
      'TEMPORAL_UNAVAILABLE',
      expect.stringMatching(says),
    ]);
    expect(await examined()).toEqual({ failed: [check], found: expect.stringMatching(says) });
  });

  test('a worker whose key is withdrawn ends and says so', async () => {
    set(byKey(API_KEY));
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
