import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ModelLock, parseHubName } from '../../../../core/model-lock.js';
import { fetchLocked } from '../../../../engine/model/fetch/fetch-locked.js';
import { assertStoreHolds, pushModel } from '../../../../engine/model/fetch/model-store.js';
import { pullFromHub } from '../../../../engine/model/fetch/pull-from-hub.js';
import { locateModel } from '../../../../engine/model/fetch/resolve-model.js';
import type { ObjectStore } from '../../../../engine/store/object-store.js';
import { openStore } from '../../../../engine/store/open-store.js';
import { useHubEnvironment } from '../../../support/hub-environment.js';
import { filesOfFolder, type HubServer, startHubServer } from '../../../support/hub-server.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const PATIENCE = { answerMs: 2000, silenceMs: 500, retry: { attempts: 2, baseMs: 1, capMs: 2 } };
const NAME = 'org/tiny';
const log = () => {};
let hub: HubServer;
let tiny: Map<string, Buffer>;
let lock: ModelLock;
let pulled: string;

beforeAll(async () => {
  hub = await startHubServer();
  await writeTinyModel(at('source'));
  tiny = filesOfFolder(at('source'));
});
afterAll(() => hub.close());
useHubEnvironment(() => ({ HF_ENDPOINT: hub.url, HF_HOME: at('hf') }));

let machines = 0;
/** Has the following calls use the cache of a machine that holds nothing. */
function anotherMachine(): string {
  machines += 1;
  process.env.VECTORMILL_CACHE = at(`machine-${machines}`);
  return process.env.VECTORMILL_CACHE;
}

beforeEach(async () => {
  hub.faults.length = 0;
  process.env.VECTORMILL_CACHE = at('first');
  const { commit } = hub.add(NAME, { files: tiny, commit: 'a'.repeat(40) });
  const first = await pullFromHub(parseHubName(NAME)!);
  [lock, pulled] = [first.lock, first.folder];
  expect(lock.commit).toBe(commit);
  // The revision has moved since, and the commit is there as before.
  hub.seen.length = 0;
  anotherMachine();
});

const bytesAt = (place: string) => readFileSync(join(place, 'model.safetensors'));

describe('a worker without the model', () => {
  test('fetches the locked commit from the hub, once for all that need it, and no revision is pinned', async () => {
    await Promise.all([1, 2, 3].map(() => fetchLocked(lock, { log })));
    const { location } = await locateModel(NAME, lock);
    expect(bytesAt(location).equals(bytesAt(pulled))).toBe(true);
    expect(hub.sentOf('model.safetensors')).toBe(tiny.get('model.safetensors')!.length);
    expect(hub.seen.every(({ path }) => !path.includes('main'))).toBe(true);
    await expect(locateModel(NAME)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  test('refuses other bytes of the hub, and keeps none of them', async () => {
    const spoiled = Buffer.from(tiny.get('config.json')!.toString().replace('gelu', 'relu'));
    hub.add(NAME, { files: new Map([...tiny, ['config.json', spoiled]]), commit: lock.commit });
    await expect(fetchLocked(lock, { log, patience: PATIENCE })).rejects.toMatchObject({
      code: 'MODEL_CHECKSUM_MISMATCH',
      file: 'config.json',
    });
    expect(readdirSync(folder.path)).not.toContain(`machine-${machines}/hub`);
  });

  test('says what to do where it cannot reach the hub', async () => {
    process.env.HF_ENDPOINT = 'http://127.0.0.1:9';
    await expect(fetchLocked(lock, { log, patience: PATIENCE })).rejects.toMatchObject({
      code: 'HUB_UNAVAILABLE',
      remedy: expect.stringContaining(`vectormill model pull ${NAME}@${lock.commit}`),
    });
  });

  test('takes it from the store, and never asks the hub', async () => {
    const store = openStore(at('models'));
    const existing = { folder: pulled, lock };
    const pushed = await pushModel(existing, store, () => {});
    expect(pushed.filter(({ isNew }) => isNew)).toHaveLength(lock.files.length);
    expect((await pushModel(existing, store, () => {})).filter(({ isNew }) => isNew)).toEqual([]);
    await assertStoreHolds(store, lock);
    await fetchLocked(lock, { models: at('models'), log });
    expect(bytesAt((await locateModel(NAME, lock)).location).equals(bytesAt(pulled))).toBe(true);
    expect(hub.seen).toEqual([]);
  });

  test('is pushed without a file in memory', async () => {
    const store = openStore(at('piecewise'));
    const bodies: unknown[] = [];
    const counting: ObjectStore = {
      ...store,
      root: store.root,
      head: (key) => store.head(key),
      put: (key, body, options) => {
        bodies.push(body);
        return store.put(key, body, options);
      },
    };
    await pushModel({ folder: pulled, lock }, counting, () => {});
    expect(bodies).toHaveLength(lock.files.length);
    expect(bodies.some((body) => body instanceof Uint8Array)).toBe(false);
    await assertStoreHolds(store, lock);
  });

  test('refuses a store that lacks a file or holds other bytes, and push puts the right ones there', async () => {
    const store = openStore(at('wrong'));
    await expect(fetchLocked(lock, { models: at('wrong'), log })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      remedy: expect.stringContaining(`vectormill model push ${NAME}@${lock.commit}`),
    });
    await pushModel({ folder: pulled, lock }, store, () => {});
    const object = at('wrong', NAME, lock.commit, 'model.safetensors');
    writeFileSync(object, Buffer.alloc(bytesAt(pulled).length));
    await expect(fetchLocked(lock, { models: at('wrong'), log })).rejects.toMatchObject({
      code: 'MODEL_CHECKSUM_MISMATCH',
      file: expect.stringContaining('model.safetensors'),
    });
    expect(
      (await pushModel({ folder: pulled, lock }, store, () => {})).filter(({ isNew }) => isNew),
    ).toHaveLength(1);
    await fetchLocked(lock, { models: at('wrong'), log });
    writeFileSync(object, 'short');
    await expect(assertStoreHolds(store, lock)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    writeFileSync(join(pulled, 'config.json'), '{}');
    await expect(pushModel({ folder: pulled, lock }, store, () => {})).rejects.toMatchObject({
      code: 'MODEL_CHECKSUM_MISMATCH',
    });
  });

  test('refuses a lock that leads out of the folder', async () => {
    const hostile = { ...lock, files: [{ path: '../../../outside', bytes: 1, sha256: '0'.repeat(64) }] };
    mkdirSync(at('hostile'), { recursive: true });
    const others = [
      { ...lock, repository: '../..' },
      { ...lock, repository: 'org/tiny@v1' },
      { ...lock, commit: '../../../outside' },
    ];
    for (const one of [hostile, ...others])
      await expect(fetchLocked(one, { models: at('hostile'), log })).rejects.toMatchObject({
        code: 'MODEL_INVALID',
      });
  });
});
