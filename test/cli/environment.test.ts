import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { settingsCheck } from '../../cli/doctor/settings-check.js';
import { loadDevStack } from '../../cli/environment.js';
import { findStack } from '../../cli/find-stack.js';
import { temporalSettings } from '../../cli/temporal/temporal-settings.js';
import { writeStackEnvironment } from '../../infra/dev-stack/stack-file.js';
import { s3Environment } from '../../infra/dev-stack/start-versitygw.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { vectormill } from './command-line.js';

const TEMPORAL = { TEMPORAL_ADDRESS: '127.0.0.1:7000', TEMPORAL_NAMESPACE: 'default' };
const S3 = {
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:7070',
  AWS_ACCESS_KEY_ID: 'vectormill',
  AWS_SECRET_ACCESS_KEY: 'made-up',
  AWS_REGION: 'us-east-1',
};
const STACK = { ...TEMPORAL, ...S3 };

/**
 * Returns a folder with what `make up` writes about servers that it started itself, or with other
 * content if given.
 */
async function stackFolder(noted?: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder();
  const s3 = s3Environment({
    endpoint: S3.AWS_ENDPOINT_URL_S3,
    region: S3.AWS_REGION,
    credentials: { accessKeyId: S3.AWS_ACCESS_KEY_ID, secretAccessKey: S3.AWS_SECRET_ACCESS_KEY },
  });
  await writeStackEnvironment(join(folder, '.vectormill'), noted ?? { ...TEMPORAL, ...s3 });
  return folder;
}

/** Returns the environment after the stack was applied, and the lines printed about it. */
function loaded(folder: string, environment: NodeJS.ProcessEnv) {
  const with_ = { ...environment };
  return { sources: loadDevStack(with_, folder), environment: with_ };
}

afterEach(() => {
  loadDevStack({}, '/');
});

describe('keys and region come from where the endpoint comes from', () => {
  test.each([
    ['nothing', {}],
    ['a region', { AWS_REGION: 'eu-west-1' }],
    ['the older variable of the region', { AWS_DEFAULT_REGION: 'eu-west-1' }],
    ['keys', { AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'my own' }],
    ['one key', { AWS_ACCESS_KEY_ID: 'mine' }],
    ['keys of a session', { AWS_ACCESS_KEY_ID: 'm', AWS_SECRET_ACCESS_KEY: 'o', AWS_SESSION_TOKEN: 't' }],
    ['a profile', { AWS_PROFILE: 'work' }],
    ['an endpoint that is empty', { AWS_ENDPOINT_URL_S3: '' }],
    ['both endpoints empty', { AWS_ENDPOINT_URL_S3: '', AWS_ENDPOINT_URL: '' }],
    ['a Temporal address that is empty', { TEMPORAL_ADDRESS: '' }],
    ['the address of the stack itself', { TEMPORAL_ADDRESS: 'localhost:7000' }],
    ['the endpoint of the stack itself', { AWS_ENDPOINT_URL: 'http://LOCALHOST:7070/' }],
    ['a namespace of another Temporal', { TEMPORAL_NAMESPACE: 'production' }],
  ])("with %s in the environment, all settings are the stack's", async (_, exported) => {
    const { environment, sources } = loaded(await stackFolder(), exported);
    const { TEMPORAL_ADDRESS: own } = exported as NodeJS.ProcessEnv;
    expect(environment).toMatchObject(own ? { ...S3, TEMPORAL_ADDRESS: own } : STACK);
    for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL'])
      expect(environment[name]).toBeUndefined();
    expect(sources.s3).toBe('stack');
  });

  test("with an endpoint in the environment, no settings are the stack's, even where keys are missing", async () => {
    for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']) {
      const exported = { [name]: 'http://minio.example:9000', AWS_REGION: 'eu-west-1' };
      const { environment, sources } = loaded(await stackFolder(), exported);
      expect(environment).toEqual({ ...TEMPORAL, ...exported });
      expect(sources).toMatchObject({ temporal: 'stack', s3: 'environment' });
    }
  });

  test('with another Temporal in the environment, nothing of the stack is used', async () => {
    const exported = { TEMPORAL_ADDRESS: 'temporal.example:7233', AWS_REGION: 'eu-west-1' };
    const { environment, sources } = loaded(await stackFolder(), exported);
    expect(environment).toEqual(exported);
    expect(sources.notUsed).toContain('temporal.example:7233');
  });

  test('a server that already ran before `make up` has its keys in the environment', async () => {
    const noted = { ...TEMPORAL, AWS_ENDPOINT_URL_S3: 'http://minio.example:9000' };
    const keys = { AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'my own', AWS_REGION: 'eu-west-1' };
    expect(loaded(await stackFolder(noted), keys).environment).toEqual({ ...noted, ...keys });
  });
});

describe('the stack of a folder', () => {
  const fileIn = (folder: string) => join(folder, '.vectormill', 'stack.env');
  const here = { deviceOf: (folder: string) => statSync(folder).dev, trusted: [process.geteuid?.() ?? 0] };

  test('is found from folders below', async () => {
    const folder = await stackFolder();
    const below = join(folder, 'a', 'b');
    mkdirSync(below, { recursive: true });
    for (const from of [folder, dirname(below), below])
      expect(findStack(from)).toMatchObject({ kind: 'found', file: fileIn(folder) });
  });

  test('is the nearest one, even where that one is not running', async () => {
    const outer = await stackFolder();
    const inner = join(outer, 'clone');
    mkdirSync(join(inner, '.vectormill', 's3'), { recursive: true });
    expect(findStack(inner)).toEqual({ kind: 'none' });
    await writeStackEnvironment(join(inner, '.vectormill'), TEMPORAL);
    expect(findStack(inner)).toMatchObject({ kind: 'found', file: fileIn(inner), values: TEMPORAL });
  });

  test('is not searched for beyond the file system', async () => {
    const folder = await stackFolder();
    const mounted = join(folder, 'mounted');
    mkdirSync(mounted);
    const deviceOf = (at: string) => (at.startsWith(mounted) ? 2 : 1);
    expect(findStack(mounted, { ...here, deviceOf })).toEqual({ kind: 'none' });
    expect(findStack(mounted, here).kind).toBe('found');
  });

  test('is refused where it belongs to another user', async () => {
    const folder = await stackFolder();
    expect(findStack(folder, { ...here, trusted: [] })).toEqual({
      kind: 'refused',
      file: fileIn(folder),
      why: 'belongs to another user',
    });
  });

  test('may be written by hand, and other lines are ignored', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.vectormill'));
    const text =
      'TEMPORAL_ADDRESS=127.0.0.1:7000\nexport AWS_REGION="eu-1"\n# a comment\nunset AWS_PROFILE\nlower=1\n';
    writeFileSync(fileIn(folder), text);
    expect(findStack(folder)).toMatchObject({
      values: { TEMPORAL_ADDRESS: '127.0.0.1:7000', AWS_REGION: 'eu-1' },
    });
  });
});

test('without a stack nothing changes, and Temporal is on this machine', () => {
  const { environment } = loaded(temporaryFolder(), { AWS_REGION: 'eu-west-1' });
  expect(environment).toEqual({ AWS_REGION: 'eu-west-1' });
  const settings = { address: 'localhost:7233', namespace: 'default' };
  expect(temporalSettings(environment)).toEqual(settings);
  expect(temporalSettings({ TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' })).toEqual(settings);
});

describe('where the settings come from', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(STACK)) delete process.env[name];
    Object.assign(process.env, before);
  });

  test('is shown by the doctor, without a secret', async () => {
    const folder = await stackFolder();
    for (const name of Object.keys(STACK)) delete process.env[name];
    process.env.AWS_REGION = 'eu-west-1';
    loadDevStack(process.env, folder);
    const { found } = await settingsCheck.run();
    const file = join(folder, '.vectormill', 'stack.env');
    expect(found).toBe(
      `Temporal 127.0.0.1:7000 from ${file}; S3 http://127.0.0.1:7070 with keys and region from ${file}; set and not used: AWS_REGION`,
    );
  });

  test('is shown where the servers of a stack do not answer', async () => {
    const folder = await stackFolder({ TEMPORAL_ADDRESS: '127.0.0.1:9' });
    for (const name of Object.keys(TEMPORAL)) delete process.env[name];
    loadDevStack(process.env, folder);
    const { code, stderr } = await vectormill('list');
    expect(code).toBe(1);
    expect(stderr).toContain(`The address comes from ${join(folder, '.vectormill', 'stack.env')}`);
    expect(stderr).toContain('`make up` starts them again');
  });
});
