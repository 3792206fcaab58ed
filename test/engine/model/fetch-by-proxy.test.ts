import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { parseHubName } from '../../../core/model-lock.js';
import { pullFromHub } from '../../../engine/model/fetch/pull-from-hub.js';
import { postJson } from '../../../engine/model/http/post-json.js';
import { PROJECT } from '../../../infra/project.js';
import { compiledScript } from '../../support/compiled-script.js';
import { startConnectProxy } from '../../support/connect-proxy.js';
import { useHubEnvironment } from '../../support/hub-environment.js';
import { filesOfFolder, type HubServer, startHubServer } from '../../support/hub-server.js';
import { TestAuthority } from '../../support/test-certificates.js';
import { useTemporaryFolder } from './temporary-folder.js';
import { writeTinyModel } from './tiny-model.js';

const NAME = 'org/tiny';
const CREDENTIALS = 'planted-user:planted-password';
const PATIENCE = { answerMs: 5000, silenceMs: 5000, retry: { attempts: 2, baseMs: 1, capMs: 2 } };

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let hub: HubServer;

beforeAll(async () => {
  hub = await startHubServer();
  await writeTinyModel(at('source'));
  hub.add(NAME, { files: filesOfFolder(at('source')) });
});
// A name that is no loopback address, and leads to this machine.
useHubEnvironment(() => ({ HF_ENDPOINT: hub.url.replace('127.0.0.1', '0.0.0.0'), HF_HOME: at('hf') }));
let machines = 0;
beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'])
    vi.stubEnv(name, '');
  machines += 1;
  vi.stubEnv('VECTORMILL_CACHE', at(`cache-${machines}`));
  hub.seen.length = 0;
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => hub?.close());

async function proxy(options?: Parameters<typeof startConnectProxy>[0]) {
  const started = await startConnectProxy(options);
  onTestFinished(() => started.close());
  return started;
}

const pull = () => pullFromHub(parseHubName(NAME)!, { patience: PATIENCE });

async function errorOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: Error & { code: string; remedy: string }) => thrown,
  );
  expect(`${error?.message} ${error?.remedy}`).not.toContain('planted');
  return error;
}

test('a model of a hub that only the proxy reaches comes by TLS, in a process that ends by itself', async () => {
  const authority = await TestAuthority.create(at('certificates'));
  const { cert, key } = await authority.sign('hub', { host: 'hub.test' });
  const secure = { host: 'hub.test', cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  const far = await startHubServer(secure);
  onTestFinished(() => far.close());
  far.add(NAME, { files: filesOfFolder(at('source')) });
  const { address, seen } = await proxy({ credentials: CREDENTIALS });
  const child = spawn(
    process.execPath,
    [compiledScript(join(PROJECT, 'test', 'support', 'pull-process.ts')), NAME],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        HF_ENDPOINT: far.url,
        HTTPS_PROXY: `http://${CREDENTIALS}@${address}`,
        NODE_EXTRA_CA_CERTS: authority.cert,
      },
    },
  );
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(printed).toMatch(/^done hub /m);
  const hosts = [far.url, far.filesUrl].map((url) => `CONNECT ${new URL(url).host}`);
  expect(new Set(seen)).toEqual(new Set(hosts));
});

test('HTTP_PROXY is for addresses without TLS, of the hub and of providers', async () => {
  const { address, seen } = await proxy();
  vi.stubEnv('HTTP_PROXY', address);
  expect(await pull()).toMatchObject({ source: 'hub' });
  expect(seen).toContainEqual(expect.stringContaining(`GET ${process.env.HF_ENDPOINT}/api/models/${NAME}/`));
  const url = new URL(`${process.env.HF_ENDPOINT}/v1/embeddings`);
  const options = { key: undefined, body: '{}', timeoutMs: 5000, maxBytes: 1000, signal: undefined };
  expect(await postJson(url, options)).toMatchObject({ kind: 'answer', status: 401 });
  expect(seen).toContain(`POST ${url.href}`);
});

test('what NO_PROXY names, and this machine, are reached without a proxy', async () => {
  const { address, seen } = await proxy();
  vi.stubEnv('HTTP_PROXY', `http://${address}`);
  vi.stubEnv('NO_PROXY', 'elsewhere.test, 0.0.0.0');
  await pull();
  vi.stubEnv('NO_PROXY', '');
  vi.stubEnv('HF_ENDPOINT', hub.url);
  await pull();
  expect(seen).toEqual([]);
  expect(hub.seen.length).toBeGreaterThan(0);
});

describe('a proxy', () => {
  beforeEach(() => vi.stubEnv('HF_ENDPOINT', 'https://hub.test'));

  test.each([
    [
      407,
      'SETTING_INVALID',
      /the proxy that HTTPS_PROXY names does not connect to hub\.test: it answered 407/,
    ],
    [
      403,
      'SETTING_INVALID',
      /the proxy that HTTPS_PROXY names does not connect to hub\.test: it answered 403/,
    ],
    [503, 'HUB_UNAVAILABLE', /the proxy that HTTPS_PROXY names answered 503/],
  ])('that answers %s is %s', async (refuse, code, message) => {
    const { address, seen } = await proxy({ refuse });
    vi.stubEnv('HTTPS_PROXY', `http://${CREDENTIALS}@${address}`);
    expect(await errorOf(pull())).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(seen).toHaveLength(code === 'SETTING_INVALID' ? 1 : 2);
  });

  test('that asks for a password is named also where it takes the whole request', async () => {
    const { address } = await proxy({ credentials: CREDENTIALS });
    vi.stubEnv('HF_ENDPOINT', 'http://hub.test');
    vi.stubEnv('HTTP_PROXY', address);
    expect(await errorOf(pull())).toMatchObject({
      code: 'SETTING_INVALID',
      message: expect.stringContaining('HTTP_PROXY names does not connect to hub.test: it answered 407'),
    });
  });

  test('that is not there is named by its variable', async () => {
    vi.stubEnv('HTTPS_PROXY', `http://${CREDENTIALS}@127.0.0.1:9`);
    expect(await errorOf(pull())).toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED (HTTPS_PROXY names a proxy)'),
    });
  });

  test.each(['http://planted:planted@', 'socks5://planted', 'planted planted'])(
    'whose address cannot be used is refused, without showing it',
    async (address) => {
      vi.stubEnv('https_proxy', address);
      expect(await errorOf(pull())).toMatchObject({
        code: 'SETTING_INVALID',
        message: 'https_proxy is not the address of a proxy',
      });
    },
  );
});
