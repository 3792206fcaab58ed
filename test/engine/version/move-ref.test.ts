import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RefRecord } from '../../../core/ref.js';
import { FileStore } from '../../../engine/store/file-store.js';
import { moveRef } from '../../../engine/version/move-ref.js';
import { readJson } from '../../../engine/version/read-json.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const move = (version: string) => ({
  dataset: 'test',
  ref: 'current',
  version,
  fingerprint: 'f'.repeat(64),
  movedAt: 7,
});

it('a ref names its version and the one before it', async () => {
  const store = new FileStore(temporaryFolder());
  expect(await moveRef(store, move('v1'))).toMatchObject({ version: 'v1', previous: null, movedAt: 7 });
  expect(await moveRef(store, move('v2'))).toMatchObject({ version: 'v2', previous: 'v1' });
  expect(await readJson<RefRecord>(store, 'test/refs/current.json', 1)).toMatchObject({ version: 'v2' });
});

it('a ref that is there already is not written again', async () => {
  const store = new FileStore(temporaryFolder());
  await moveRef(store, move('v1'));
  const before = await store.head('test/refs/current.json');
  expect(await moveRef(store, move('v1'))).toMatchObject({ version: 'v1', previous: null });
  expect(await store.head('test/refs/current.json')).toEqual(before);
});

it('racing moves all happen, one after another: the previous versions are a chain without a gap', async () => {
  const folder = temporaryFolder();
  const versions = Array.from({ length: 8 }, (_, index) => `v${index}`);
  const moved = await Promise.all(
    versions.map((version) => moveRef(new FileStore(join(folder, 'out')), move(version))),
  );
  const standing = await readJson<RefRecord>(new FileStore(join(folder, 'out')), 'test/refs/current.json', 1);
  const previousOf = new Map(moved.map(({ version, previous }) => [version, previous]));
  const chain: string[] = [];
  for (let at: string | null = standing.version; at !== null; at = previousOf.get(at)!) chain.push(at);
  expect(chain.sort()).toEqual(versions);
});
