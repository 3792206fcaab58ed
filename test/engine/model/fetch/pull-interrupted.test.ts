import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseHubName } from '../../../../core/model-lock.js';
import { findCrossEncoder } from '../../../../engine/model/cross-encoder/find-cross-encoder.js';
import { pullFromHub } from '../../../../engine/model/fetch/pull-from-hub.js';
import { checkModelSettings } from '../../../../engine/model/find/check-settings.js';
import { localFileError } from '../../../../engine/store/file-errors.js';
import { PROJECT } from '../../../../infra/project.js';
import { compiledScript } from '../../../support/compiled-script.js';
import { useHubEnvironment } from '../../../support/hub-environment.js';
import { filesOfFolder, type HubServer, startHubServer } from '../../../support/hub-server.js';
import { canMount, mountFolder } from '../../../support/mounted-folder.js';
import { eventually } from '../../../support/temporal.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const folder = useTemporaryFolder();
const WEIGHTS = randomBytes(4 << 20);
const HELD = 1 << 20;
let hub: HubServer;
let letGo: () => void;

beforeAll(async () => {
  hub = await startHubServer();
});
afterAll(() => hub.close());
useHubEnvironment(() => ({ HF_ENDPOINT: hub.url, HF_HOME: join(folder.path, 'hf') }));
beforeEach(() => {
  hub.seen.length = 0;
  hub.faults.length = 0;
});

const cacheOf = (repository: string) => join(folder.path, 'cache', 'hub', ...repository.split('/'));
const stagingOf = (repository: string) =>
  readdirSync(cacheOf(repository)).filter((name) => name.startsWith('.pull-'));

/** Adds a model whose weights stop after their first part until `letGo` is called. */
function addHalting(repository: string): void {
  hub.add(repository, {
    files: new Map([
      ['config.json', Buffer.from('{}')],
      ['model.safetensors', WEIGHTS],
    ]),
  });
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isFirst = true;
  hub.faults.push((request, response, { body, headers }) => {
    if (!isFirst || request.host !== 'files') return false;
    isFirst = false;
    request.sent += HELD;
    response.writeHead(200, { ...headers, 'content-length': body.length });
    response.write(body.subarray(0, HELD));
    void held.then(() => {
      request.sent += body.length - HELD;
      response.end(body.subarray(HELD));
    });
    return true;
  });
}

function pullInProcess(repository: string): ChildProcess {
  const script = compiledScript(join(PROJECT, 'test', 'support', 'pull-process.ts'));
  return spawn(process.execPath, [script, repository], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Waits until the first part of the weights lies on the disk. */
function firstPart(repository: string): Promise<void> {
  return eventually(async () => {
    if (!existsSync(cacheOf(repository))) return false;
    const [staging] = stagingOf(repository);
    const partial = join(
      cacheOf(repository),
      staging ?? '',
      repository.split('/')[1]!,
      'model.safetensors.partial',
    );
    return existsSync(partial) && readFileSync(partial).length === HELD;
  });
}

describe('a pull', () => {
  test('that is killed goes on where it was, without a byte twice', async () => {
    addHalting('org/killed');
    const child = pullInProcess('org/killed');
    await firstPart('org/killed');
    child.kill('SIGKILL');
    await once(child, 'close');
    const { source, folder: model } = await pullFromHub(parseHubName('org/killed')!);
    expect(source).toBe('hub');
    expect(hub.sentOf('model.safetensors')).toBe(WEIGHTS.length);
    expect(hub.sentOf('config.json')).toBe(2);
    expect(readFileSync(join(model, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(stagingOf('org/killed')).toEqual([]);
  });

  test('waits for another that fetches the same, and fetches nothing itself', async () => {
    addHalting('org/twice');
    const children = [pullInProcess('org/twice')];
    await firstPart('org/twice');
    children.push(pullInProcess('org/twice'));
    const outputs = children.map(({ stdout }) => text(stdout!));
    const second = children[1]!;
    await new Promise<void>((resolve) =>
      second.stdout!.on('data', (data) => String(data).includes('waiting for that one') && resolve()),
    );
    letGo();
    const said = await Promise.all(outputs);
    expect(said[0]).toContain('done hub');
    expect(said[1]).toContain('done cache');
    expect(hub.sentOf('model.safetensors')).toBe(WEIGHTS.length);
    expect(stagingOf('org/twice')).toEqual([]);
  });

  test('goes on itself where the one that it waits for is killed', async () => {
    addHalting('org/heir');
    const first = pullInProcess('org/heir');
    await firstPart('org/heir');
    const second = pullInProcess('org/heir');
    const said = text(second.stdout!);
    await new Promise<void>((resolve) =>
      second.stdout!.on('data', (data) => String(data).includes('waiting for that one') && resolve()),
    );
    first.kill('SIGKILL');
    expect(await said).toContain('done hub');
    expect(hub.sentOf('model.safetensors')).toBe(WEIGHTS.length);
  });
});

describe('a cache', () => {
  const refusedIn = async (place: string) => {
    hub.add('org/full', {
      files: new Map([
        ['config.json', Buffer.from('{}')],
        ['model.safetensors', WEIGHTS],
      ]),
    });
    const before = process.env.VECTORMILL_CACHE;
    process.env.VECTORMILL_CACHE = place;
    try {
      return await pullFromHub(parseHubName('org/full')!).catch((error) => localFileError(error) ?? error);
    } finally {
      process.env.VECTORMILL_CACHE = before;
    }
  };

  test.skipIf(!canMount)('that is too small is refused before the weights are fetched', async () => {
    const { path } = mountFolder('size=1m');
    expect(await refusedIn(path)).toMatchObject({
      code: 'STORE_FULL',
      message: expect.stringContaining('needs 4194304 more bytes'),
    });
    expect(hub.sentOf('model.safetensors')).toBe(0);
    expect(readdirSync(path)).toEqual([]);
  });

  test.skipIf(!canMount)('that may only be read is refused by name', async () => {
    const mounted = mountFolder('size=8m');
    mounted.makeReadOnly();
    expect(await refusedIn(mounted.path)).toMatchObject({
      code: 'STORE_DENIED',
      message: expect.stringContaining('read-only'),
    });
  });

  test.skipIf(process.getuid?.() === 0)('that belongs to others is refused by name', async () => {
    const place = join(folder.path, 'closed');
    mkdirSync(place);
    chmodSync(place, 0o500);
    expect(await refusedIn(place)).toMatchObject({ code: 'STORE_DENIED' });
  });
});

const REAL = join(PROJECT, '..', 'shared', 'models', 'minilm-l6-cross-encoder');

test.skipIf(!existsSync(REAL))(
  'a model of 45 MB is pulled and has the fingerprint of its folder',
  async () => {
    hub.add('cross-encoder/minilm-l6-cross-encoder', { files: filesOfFolder(REAL) });
    const pulled = await pullFromHub(parseHubName('cross-encoder/minilm-l6-cross-encoder')!, {
      check: checkModelSettings,
    });
    expect(pulled.lock.files.map(({ path }) => path)).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const { fingerprint } = await findCrossEncoder({ source: 'cross-encoder/minilm-l6-cross-encoder' });
    expect(fingerprint).toBe((await findCrossEncoder({ source: REAL })).fingerprint);
  },
);
