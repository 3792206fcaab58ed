import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { indexLayout } from '../../../core/index/index-layout.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { searchIndex } from '../../../engine/index/search-index.js';
import { openStore } from '../../../engine/store/open-store.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { requireStack, TEST_BUCKET } from '../../support/stack.js';
import { useTemporaryFolder } from '../model/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { eachRow, randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 16;
const cache = useTemporaryFolder();
let version: ReadableVersion;

beforeAll(async () => {
  requireStack();
  vi.stubEnv('VECTORMILL_CACHE', cache.path);
  const files = [randomRows(100, DIMENSIONS), randomRows(60, DIMENSIONS, 1)];
  const store = openStore(`s3://${TEST_BUCKET}/index-${randomUUID()}`);
  version = await writeVectorVersion(store, { dimensions: DIMENSIONS, files });
  await build(version, 'main', SMALL_GRAPHS);
});

async function cachedGraphs(): Promise<string[]> {
  const folder = join(cache.path, 'indexes');
  return (await readdir(folder)).map((name) => join(folder, name));
}

async function opens(): Promise<void> {
  const index = await openIndex(version, 'main');
  const [query] = eachRow(randomRows(100, DIMENSIONS), DIMENSIONS);
  const [found] = await searchIndex(version, index, [query!], 1);
  expect(found![0]!.rowKey).toBe(0n);
  await index.close();
}

it('an index on S3 is built, and searched through copies in the cache, which are used again', async () => {
  await opens();
  const copies = await cachedGraphs();
  expect(copies).toHaveLength(2);
  const times = await Promise.all(copies.map(async (path) => (await stat(path)).mtimeMs));
  await opens();
  expect(await Promise.all(copies.map(async (path) => (await stat(path)).mtimeMs))).toEqual(times);
});

it('a damaged copy in the cache is fetched again, whether it is cut short or changed in place', async () => {
  await opens();
  const [path] = await cachedGraphs();
  const whole = await readFile(path!);
  const changed = Buffer.from(whole);
  changed[whole.length >> 1]! ^= 1;
  for (const damaged of [whole.subarray(0, 100), changed]) {
    await writeFile(path!, damaged);
    await opens();
    expect((await readFile(path!)).equals(whole)).toBe(true);
  }
  expect(await cachedGraphs()).toHaveLength(2);
});

it('a graph that is damaged on S3 is refused, and no copy of it is kept', async () => {
  const { manifest } = await build(version, 'other', { ...SMALL_GRAPHS, connectivity: 8 });
  const copies = await cachedGraphs();
  const [{ content, sha256 }] = manifest.shards as [(typeof manifest.shards)[number]];
  const key = indexLayout('test', 'v1', 'other').shard(content);
  const bytes = Buffer.from(await version.store.get(key));
  bytes[bytes.length >> 1]! ^= 1;
  await version.store.put(key, bytes);
  const copy = copies.find((path) => path.includes(sha256));
  await writeFile(copy!, '');
  await expect(openIndex(version, 'other')).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  expect((await cachedGraphs()).length).toBe(copies.length);
  expect((await stat(copy!)).size).toBe(0);
});
