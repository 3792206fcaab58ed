import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { temporalCheck } from '../../../cli/doctor/service-checks.js';
import { probeServer } from '../../../cli/temporal/probe-server.js';
import { temporalSettings } from '../../../cli/temporal/temporal-settings.js';
import { workflowId } from '../../../core/workflow-api.js';
import { runWorker } from '../../../workers/run-worker.js';
import { localModels } from '../../../workers/worker-tools.js';
import { useTemporaryFolder } from '../../engine/model/temporary-folder.js';
import { writeTinyModel } from '../../engine/model/tiny-model.js';
import { type SecuredTemporal, startApiKeyProxy, startMtlsProxy } from '../../support/secured-temporal.js';
import { type TestNamespace, testNamespace } from '../../support/temporal.js';
import { HAS_OPENSSL, TestAuthority } from '../../support/test-certificates.js';
import { writeCorpus } from '../../support/test-job.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { vectormill, vectormillJson } from '../command-line.js';

const API_KEY = 'a-key-that-nobody-may-see';
const QUEUES = ['control', 'chunk-cpu', 'embed-cpu'] as const;

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const before = { ...process.env };
let direct: TestNamespace;
let authority: TestAuthority;
let other: TestAuthority;
let mtls: SecuredTemporal;
let keyed: SecuredTemporal;

beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  direct = await testNamespace();
  authority = new TestAuthority(at('ca'));
  other = new TestAuthority(at('other-ca'));
  const server = authority.sign('server');
  authority.sign('client');
  authority.sign('expired', -1);
  other.sign('stranger');
  mtls = await startMtlsProxy(direct.address, server, authority.cert);
  keyed = await startApiKeyProxy(direct.address, server, API_KEY);
  await writeTinyModel(at('model'));
  writeCorpus(folder.path, { 'a.jsonl': [{ _id: 'first', text: 'a b c' }] });
});

afterEach(() => {
  process.env = { ...before };
});

afterAll(async () => {
  await mtls?.close();
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

/** Runs a job by a worker and commands that all connect by the settings. */
async function runsAJob(dataset: string): Promise<void> {
  const job = { dataset, version: 'v1', input: './corpus', output: './out', model: './model' };
  await writeFile(at('job.json'), JSON.stringify(job));
  const stop = new AbortController();
  const running = runWorker({
    ...temporalSettings(),
    queues: QUEUES,
    models: localModels({ sessions: 1 }),
    log: pino({ level: 'silent' }),
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
}

describe.skipIf(!HAS_OPENSSL)('a secured Temporal (needs openssl)', () => {
  test('commands and workers come in by a client certificate of a profile', async () => {
    set(await profile());
    await runsAJob('by-certificate');
    expect((await temporalCheck.run()).found).toContain('answers by mTLS');
  });

  test('commands and workers come in by an API key', async () => {
    set(byKey(API_KEY));
    await runsAJob('by-key');
    expect((await temporalCheck.run()).found).toContain('answers by TLS and an API key');
  });

  const REFUSED: readonly [
    what: string,
    settings: () => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>,
    code: string,
    says: RegExp,
  ][] = [
    ['a wrong key', () => byKey('another-key'), 'TEMPORAL_DENIED', /key of TEMPORAL_API_KEY/],
    [
      'no key',
      () => ({ ...byKey(''), TEMPORAL_TLS: 'true' }),
      'TEMPORAL_DENIED',
      /does not let these settings/,
    ],
    [
      'a key with a line break',
      () => byKey(`${API_KEY}\n`),
      'SETTING_INVALID',
      /TEMPORAL_API_KEY holds characters/,
    ],
    [
      'an expired certificate',
      () => byCertificate('ca/expired'),
      'TEMPORAL_DENIED',
      /CLIENT_CERT_PATH .*expired\.pem.* expired on/,
    ],
    [
      'a certificate of another CA',
      () => byCertificate('other-ca/stranger'),
      'TEMPORAL_DENIED',
      /refuses the client certificate of TEMPORAL_TLS_CLIENT_CERT_PATH/,
    ],
    [
      'no client certificate',
      () => ({ TEMPORAL_ADDRESS: mtls.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert }),
      'TEMPORAL_DENIED',
      /ask for a client certificate/,
    ],
    [
      'a wrong CA',
      () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_SERVER_CA_CERT_PATH: other.cert }),
      'SETTING_INVALID',
      /is not trusted/,
    ],
    [
      'a key of another certificate',
      () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_CLIENT_KEY_PATH: at('ca/server.key') }),
      'SETTING_INVALID',
      /does not belong/,
    ],
    [
      'a certificate that is not there',
      () => byCertificate('nothing'),
      'SETTING_INVALID',
      /nothing\.pem.*ENOENT/,
    ],
    [
      'a certificate without its key',
      () => ({ ...byCertificate('ca/client'), TEMPORAL_TLS_CLIENT_KEY_PATH: '' }),
      'SETTING_INVALID',
      /no client key is/,
    ],
    [
      'TLS to a plain server',
      () => ({ TEMPORAL_ADDRESS: direct.address, TEMPORAL_TLS: 'true' }),
      'SETTING_INVALID',
      /does not speak TLS/,
    ],
    ['no TLS to a TLS server', () => ({ TEMPORAL_ADDRESS: keyed.address }), 'SETTING_INVALID', /expects TLS/],
    [
      'an unknown profile',
      async () => ({ ...(await profile()), TEMPORAL_PROFILE: 'nobody' }),
      'SETTING_INVALID',
      /TEMPORAL_PROFILE names the profile nobody/,
    ],
    [
      'a file that does not parse',
      async () => {
        await writeFile(at('broken.toml'), `[profile.default]\napi_key = "${API_KEY}\n`);
        return { TEMPORAL_CONFIG_FILE: at('broken.toml') };
      },
      'SETTING_INVALID',
      /broken\.toml is not valid TOML at line 2/,
    ],
    [
      'a file that is not there',
      () => ({ TEMPORAL_CONFIG_FILE: at('nowhere.toml') }),
      'SETTING_INVALID',
      /TEMPORAL_CONFIG_FILE names .*nowhere\.toml/,
    ],
  ];

  test.each(REFUSED)('%s is refused: command, worker and doctor say it', async (_, settings, code, says) => {
    set(await settings());
    const { code: exit, json } = await vectormillJson('list');
    expect([exit, json.error.code]).toEqual([2, code]);
    expect(json.error.message).toMatch(says);
    expect(JSON.stringify(json)).not.toContain(API_KEY);
    const denied = expect.objectContaining({ code, message: expect.stringMatching(says) });
    const worker = await vectormill('worker');
    expect([worker.code, worker.stdout]).toEqual([2, '']);
    expect(worker.stderr).toContain(`refused (${code})`);
    await expect(temporalCheck.run()).rejects.toEqual(denied);
  });

  test('an unknown namespace is named', async () => {
    set({ ...byKey(API_KEY), TEMPORAL_NAMESPACE: 'nobody-made-this' });
    await expect(temporalCheck.run()).rejects.toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
      message: expect.stringContaining('nobody-made-this'),
    });
  });

  test.each([
    ['127.0.0.1:9', /nothing listens there/],
    ['temporal.invalid:7233', /its name is not known/],
  ])('why a server cannot be reached at %s', async (address, says) => {
    expect((await probeServer({ address, namespace: 'default' })).unreachable).toMatch(says);
  });
});
