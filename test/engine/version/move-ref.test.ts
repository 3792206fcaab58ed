import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RefRecord } from '../../../core/ref.js';
import { FileStore } from '../../../engine/store/file-store.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { moveRef } from '../../../engine/version/move-ref.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const move = (version: string) => ({
  dataset: 'test',
  ref: 'current',
  version,
  fingerprint: 'f'.repeat(64),
  movedAt: 7,
});

it('a ref names its version and the previous one', async () => {
  const store = new FileStore(temporaryFolder());
  expect(await moveRef(store, move('v1'))).toMatchObject({ version: 'v1', previous: null, movedAt: 7 });
  expect(await moveRef(store, move('v2'))).toMatchObject({ version: 'v2', previous: 'v1' });
  expect(await readJsonRecord<RefRecord>(store, 'test/refs/current.json', 1)).toMatchObject({
    version: 'v2',
  });
});

it('a ref that already names the version is not written again', async () => {
  const store = new FileStore(temporaryFolder());
  await moveRef(store, move('v1'));
  const before = await store.head('test/refs/current.json');
  expect(await moveRef(store, move('v1'))).toMatchObject({ version: 'v1', previous: null });
  expect(await store.head('test/refs/current.json')).toEqual(before);
});

it("a move with an earlier date than the ref's leaves the ref where it is", async () => {
  const store = new FileStore(temporaryFolder());
  await moveRef(store, { ...move('v2'), movedAt: 8 });
  expect(await moveRef(store, { ...move('v1'), movedAt: 7 })).toMatchObject({ version: 'v2', movedAt: 8 });
  expect(await readJsonRecord<RefRecord>(store, 'test/refs/current.json', 1)).toMatchObject({
    version: 'v2',
  });
});

it('a ref that another job moves while it is being read is read again', async () => {
  const store = new FileStore(temporaryFolder());
  await moveRef(store, move('v1'));
  let others = ['v2', 'v3'];
  const head: ObjectStore['head'] = async (key) => {
    const info = await store.head(key);
    const [other, ...rest] = others;
    others = rest;
    if (other) await moveRef(store, move(other));
    return info;
  };
  const racing: ObjectStore = {
    root: store.root,
    head,
    get: (key, options) => store.get(key, options),
    put: (key, body, options) => store.put(key, body, options),
    stream: (key, options) => store.stream(key, options),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
    close: () => store.close(),
  };
  expect(await moveRef(racing, move('v4'))).toMatchObject({ version: 'v4', previous: 'v3' });
});

it('racing moves all happen, one after another, and the previous versions form a chain without a gap', async () => {
  const folder = temporaryFolder();
  const versions = Array.from({ length: 8 }, (_, index) => `v${index}`);
  const moved = await Promise.all(
    versions.map((version) => moveRef(new FileStore(join(folder, 'out')), move(version))),
  );
  const existing = await readJsonRecord<RefRecord>(
    new FileStore(join(folder, 'out')),
    'test/refs/current.json',
    1,
  );
  const previousOf = new Map(moved.map(({ version, previous }) => [version, previous]));
  const chain: string[] = [];
  for (let at: string | null = existing.version; at !== null; at = previousOf.get(at)!) chain.push(at);
  expect(chain.sort()).toEqual(versions);
});
