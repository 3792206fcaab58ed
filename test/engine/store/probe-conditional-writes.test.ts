import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { FileStore } from '../../../engine/store/file-store.js';
import type { ObjectInfo, ObjectStore, PutOptions, PutResult } from '../../../engine/store/object-store.js';
import { probeConditionalWrites } from '../../../engine/store/probe-conditional-writes.js';
import { changedStore } from '../../support/changed-store.js';

type Put = (honest: FileStore, key: string, body: Uint8Array, options: PutOptions) => Promise<PutResult>;

/** Wraps a working store so that it reports conditions of writes as met that were not. */
class DishonestStore extends FileStore {
  constructor(
    folder: string,
    private readonly replacement: Put,
  ) {
    super(folder);
  }

  override put(key: string, body: Uint8Array, options: PutOptions = {}): Promise<PutResult> {
    return this.replacement(this, key, body, options);
  }

  putHonestly(key: string, body: Uint8Array, options: PutOptions): Promise<PutResult> {
    return super.put(key, body, options);
  }
}

describe('the probe of conditional writes', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vectormill-probe-'));
    return () => rm(folder, { recursive: true, force: true });
  });

  const without =
    (condition: 'ifAbsent' | 'ifMatch', multipartOnly = false): Put =>
    (store, key, body, options) => {
      const ignored =
        options.condition && condition in options.condition && (options.multipart || !multipartOnly);
      return (store as DishonestStore).putHonestly(key, body, ignored ? {} : options);
    };
  const claimsRefusal: Put = async (store, key, body, options) => {
    if (!options.condition || !('ifAbsent' in options.condition))
      return (store as DishonestStore).putHonestly(key, body, options);
    const before = await store.head(key);
    await (store as DishonestStore).putHonestly(key, body, {});
    return before
      ? { outcome: 'refused' }
      : { outcome: 'written', etag: (await store.head(key))?.etag ?? '' };
  };
  const losesRaces: Put = async (store, key, body, options) => {
    if (options.condition && 'ifAbsent' in options.condition && (await store.head(key)))
      return { outcome: 'refused' };
    await new Promise((resolve) => setImmediate(resolve));
    const isCreation = options.condition && 'ifAbsent' in options.condition;
    return (store as DishonestStore).putHonestly(key, body, isCreation ? {} : options);
  };
  const refusesAll: Put = async () => ({ outcome: 'refused' });

  test.each<[string, Put, string]>([
    ['ignores If-None-Match', without('ifAbsent'), 'in a put, If-None-Match'],
    ['ignores If-Match', without('ifMatch'), 'in a put, If-Match'],
    [
      'ignores If-None-Match in multipart uploads',
      without('ifAbsent', true),
      'in a multipart upload, If-None-Match',
    ],
    ['ignores If-Match in multipart uploads', without('ifMatch', true), 'in a multipart upload, If-Match'],
    [
      'overwrites and says that it refused',
      claimsRefusal,
      'a refused If-None-Match write changed the object',
    ],
    ['lets several racing creators win', losesRaces, 'racing creations succeeded'],
    ['refuses everything', refusesAll, 'refused to create an object that was not there'],
  ])('refuses a store that %s, says why, and leaves nothing behind', async (_, put, reason) => {
    const store = new DishonestStore(folder, put);
    await expect(probeConditionalWrites(store)).rejects.toMatchObject({
      code: 'STORE_UNSUPPORTED',
      message: expect.stringContaining(reason),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each<[string, (inner: FileStore) => ObjectStore['list'], string]>([
    ['nothing', () => async function* () {}, 'does not list an object that was just written'],
    [
      'all that it ever saw',
      (inner) => {
        const seen = new Map<string, ObjectInfo>();
        return async function* (prefix) {
          for await (const info of inner.list(prefix)) seen.set(info.key, info);
          yield* [...seen.values()].filter(({ key }) => key.startsWith(prefix));
        };
      },
      'lists an object that was just deleted',
    ],
  ])('refuses a store that lists %s', async (_, list, reason) => {
    const inner = new FileStore(folder);
    await expect(probeConditionalWrites(changedStore(inner, { list: list(inner) }))).rejects.toMatchObject({
      code: 'STORE_UNSUPPORTED',
      message: expect.stringContaining(reason),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('asks a store once that has passed, and one that failed again', async () => {
    const inner = new FileStore(folder);
    let creations = 0;
    let isHonest = false;
    const store = changedStore(inner, {
      put: (key, body, options) => {
        creations += 1;
        return inner.put(key, body, isHonest ? options : {});
      },
    });
    await expect(probeConditionalWrites(store)).rejects.toMatchObject({ code: 'STORE_UNSUPPORTED' });
    isHonest = true;
    await probeConditionalWrites(store);
    const before = creations;
    await probeConditionalWrites(store);
    expect(creations).toBe(before);
  });
});
