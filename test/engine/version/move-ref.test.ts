import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileStore } from '../../../engine/store/file-store.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { encodeJson } from '../../../engine/version/create-once.js';
import { moveRef, releaseRef } from '../../../engine/version/move-ref.js';
import { readRef } from '../../../engine/version/read-ref.js';
import { changedStore } from '../../support/changed-store.js';
import { refMove } from '../../support/ref-move.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const KEY = 'test/refs/current.json';
const current = (store: ObjectStore) => readRef(store, 'test', 'current');

it('a ref names its version and the previous one', async () => {
  const store = new FileStore(temporaryFolder());
  expect(await current(store)).toBeUndefined();
  expect((await moveRef(store, refMove('v1', 0))).record).toMatchObject({ version: 'v1', previous: null });
  const { outcome, record } = await moveRef(store, refMove('v2', 1));
  expect({ outcome, ...record }).toMatchObject({ outcome: 'moved', version: 'v2', previous: 'v1' });
  expect(await current(store)).toEqual(record);
});

it('a ref that already names the version is not written again', async () => {
  const store = new FileStore(temporaryFolder());
  await moveRef(store, refMove('v1', 0));
  const before = await store.head(KEY);
  expect(await moveRef(store, refMove('v1', 0))).toMatchObject({ outcome: 'there' });
  expect(await store.head(KEY)).toEqual(before);
});

it('a ref of an earlier release is read, and is of the second format once it is moved', async () => {
  const store = new FileStore(temporaryFolder());
  const first = { formatVersion: 1, version: 'v1', previous: null, fingerprint: 'f', movedAt: 9e12 };
  await store.put(KEY, encodeJson(first));
  expect(await current(store)).toMatchObject({ generation: 1, version: 'v1' });
  // The clock of whoever moved it was ahead, which blocks nobody any more.
  expect(await moveRef(store, refMove('v2', 1))).toMatchObject({
    outcome: 'moved',
    record: { formatVersion: 2, generation: 2, previous: 'v1', history: [{ version: 'v1' }] },
  });
});

it('a damaged ref is named, and is not moved', async () => {
  const store = new FileStore(temporaryFolder());
  const whole = encodeJson((await moveRef(store, refMove('v1', 0))).record);
  const text = new TextDecoder().decode(whole);
  for (const damage of [
    text.slice(0, 40),
    text.replace('"generation": 1', '"generation": "x"'),
    '{}',
    'null',
  ])
    await expect(
      store.put(KEY, new TextEncoder().encode(damage)).then(() => moveRef(store, refMove('v2', 1))),
    ).rejects.toMatchObject({ code: 'FILE_DAMAGED', file: expect.stringContaining(KEY) });
});

it('a hold ends once, and the generation stays', async () => {
  const store = new FileStore(temporaryFolder());
  expect(await releaseRef(store, { dataset: 'test', ref: 'current' })).toBeUndefined();
  await moveRef(store, { ...refMove('v1', 0), hold: true });
  expect(await moveRef(store, refMove('v2', 1))).toMatchObject({ outcome: 'held' });
  const released = await releaseRef(store, { dataset: 'test', ref: 'current' });
  expect(released).toMatchObject({ outcome: 'moved', record: { generation: 1, isHeld: false } });
  expect(await releaseRef(store, { dataset: 'test', ref: 'current' })).toMatchObject({ outcome: 'there' });
  expect(await moveRef(store, refMove('v2', 1))).toMatchObject({ outcome: 'moved' });
});

it('a ref that another job moves while it is being read is read again', async () => {
  const store = new FileStore(temporaryFolder());
  await moveRef(store, refMove('v1', 0));
  let others = ['v2', 'v3'];
  const head: ObjectStore['head'] = async (key) => {
    const info = await store.head(key);
    const [other, ...rest] = others;
    others = rest;
    if (other) await moveRef(store, refMove(other, other === 'v2' ? 1 : 2));
    return info;
  };
  const racing = changedStore(store, { head });
  expect((await moveRef(racing, refMove('v4', 3))).record).toMatchObject({ version: 'v4', previous: 'v3' });
});

it('of moves that race for one generation one happens, and the others are told', async () => {
  const folder = temporaryFolder();
  const versions = Array.from({ length: 8 }, (_, index) => `v${index}`);
  const moves = await Promise.all(
    versions.map((version) => moveRef(new FileStore(join(folder, 'out')), refMove(version, 0))),
  );
  const winners = moves.filter(({ outcome }) => outcome === 'moved');
  expect(winners).toHaveLength(1);
  expect(await current(new FileStore(join(folder, 'out')))).toEqual(winners[0]!.record);
  expect(moves.filter(({ outcome }) => outcome === 'superseded')).toHaveLength(7);
});
