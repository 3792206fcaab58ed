import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { rowKey } from '../../../core/ids.js';
import type { IndexRequest } from '../../../core/index/choose-parameters.js';
import { indexLayout } from '../../../core/index/index-layout.js';
import type { IndexManifest } from '../../../core/index/index-manifest.js';
import { recallOf } from '../../../core/index/neighbour.js';
import { versionLayout } from '../../../core/layout.js';
import { sha256 } from '../../../engine/files/hash.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { readIndexManifest } from '../../../engine/index/read-index-manifest.js';
import { searchIndex } from '../../../engine/index/search-index.js';
import { newGraph } from '../../../engine/index/usearch.js';
import { exactRows } from '../../../engine/search/exact-rows.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { encodeJson } from '../../../engine/version/create-once.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { useTemporaryFolder } from '../model/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { firstNight, nightAfter } from './nights.js';
import { eachRow, randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 16;
const K = 10;
const queries = eachRow(randomRows(20, DIMENSIONS, 9), DIMENSIONS);
const few = [randomRows(20, DIMENSIONS, 7)];

const made = useTemporaryFolder();

beforeAll(async () => {
  const files = [randomRows(200, DIMENSIONS), randomRows(200, DIMENSIONS, 1)];
  const version = await firstNight(openStore(made.path), DIMENSIONS, files);
  await build(version, 'main', SMALL_GRAPHS);
});

/** Returns a copy of a version of 400 rows, which has an index of two graphs, and the index. */
async function indexedParent(): Promise<{ parent: ReadableVersion; before: IndexManifest }> {
  const folder = temporaryFolder();
  cpSync(made.path, folder, { recursive: true });
  const store = openStore(folder);
  const parent = await resolveVersion(store, { dataset: 'test', selector: 'v1' });
  const { manifest } = indexLayout('test', 'v1', 'main');
  return { parent, before: await readIndexManifest(store, manifest) };
}

/** Searches by the index, and expects live rows, as many as there are, most of them the nearest. */
async function expectGoodAnswers(version: ReadableVersion, { leastRecall = 0.9, k = K } = {}): Promise<void> {
  const index = await openIndex(version, 'main');
  const found = await searchIndex(version, index, queries, k);
  let recall = 0;
  for (const [place, query] of queries.entries()) {
    const truth = await exactRows(version, 'cosine', query, { k });
    const list = found[place]!;
    expect(new Set(list.map(({ rowKey }) => rowKey)).size).toBe(truth.nearest.length);
    for (const { rowKey } of list) expect(version.parts.rowOf(rowKey)).toBeDefined();
    recall += recallOf(list, truth.nearest) / queries.length;
  }
  expect(recall).toBeGreaterThanOrEqual(leastRecall);
  await index.close();
}

describe("a night's index", () => {
  it("is the parent's graphs without dead rows, and new rows that are compared", async () => {
    const { parent, before } = await indexedParent();
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    const { manifest, reused } = await build(child, 'main', SMALL_GRAPHS);
    expect(reused).toBe(2);
    expect(manifest.shards.map(({ key }) => key)).toEqual(before.shards.map(({ key }) => key));
    expect(manifest.delta?.rows).toBe(20);
    const inGraphs = manifest.shards.reduce((sum, { liveRows }) => sum + liveRows, 0);
    expect(inGraphs + 20).toBe(child.parts.rows);
    expect(inGraphs).toBeLessThan(400);
    await expectGoodAnswers(child);
  });

  it('needs no record of the versions that it carries rows and graphs of', async () => {
    const { parent } = await indexedParent();
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    await build(child, 'main', SMALL_GRAPHS);
    const grandchild = await nightAfter(child, { deadShare: 0.05, files: few }, 2);
    const { manifest } = await build(grandchild, 'main', SMALL_GRAPHS);
    expect(manifest.delta?.rows).toBeGreaterThan(20);
    for (const version of ['v1', 'v2']) {
      await parent.store.delete(versionLayout('test', version).manifest);
      await parent.store.delete(versionLayout('test', version).job);
      await parent.store.delete(indexLayout('test', version, 'main').manifest);
    }
    await expectGoodAnswers(grandchild);
  });

  it('of which graphs are given up has new ones of their rows and of those that were compared', async () => {
    const { parent } = await indexedParent();
    const child = await nightAfter(parent, { deadShare: 0, files: few }, 1);
    await build(child, 'main', SMALL_GRAPHS);
    const half = await nightAfter(child, { deadShare: 0.5, files: few }, 2);
    const { manifest, reused } = await build(half, 'main', { ...SMALL_GRAPHS });
    expect(reused).toBe(0);
    expect(manifest.delta).toBeNull();
    expect(manifest.shards.reduce((sum, { rows }) => sum + rows, 0)).toBe(half.parts.rows);
    await expectGoodAnswers(half);
  });

  it('gives all live rows however many dead ones are near the query', async () => {
    const { parent } = await indexedParent();
    const child = await nightAfter(parent, { deadShare: 0.15, files: few }, 1);
    await build(child, 'main', SMALL_GRAPHS);
    for (const k of [1, 100, child.parts.rows - 1, child.parts.rows, 1000])
      await expectGoodAnswers(child, { k });
  });

  it.each<[string, (file: string, store: ObjectStore) => Promise<unknown>]>([
    ['is gone', (file, store) => store.delete(file)],
    ['has another size', async (file, store) => store.put(file, (await store.get(file)).subarray(1))],
    [
      'is damaged',
      async (file, store) => {
        const bytes = (await store.get(file)).slice();
        bytes[bytes.length >> 1]! ^= 1;
        await store.put(file, bytes);
      },
    ],
  ])("builds the rows of a parent's graph anew if its file %s", async (_, damage) => {
    const { parent, before } = await indexedParent();
    await damage(before.shards[1]!.key, parent.store);
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    const { manifest, reused } = await build(child, 'main', SMALL_GRAPHS);
    expect(reused).toBe(1);
    expect(manifest.shards[0]!.key).toBe(before.shards[0]!.key);
    expect(manifest.shards.slice(1).every(({ key }) => key.includes('/v2/'))).toBe(true);
    await expectGoodAnswers(child);
  });

  it.each([
    ['manifest', (before: IndexManifest) => indexLayout('test', 'v1', before.name).manifest],
    ['list of rows', (before: IndexManifest) => before.shards[0]!.rowList!.key],
  ])("is built anew if the parent's %s is damaged", async (_, keyOf) => {
    const { parent, before } = await indexedParent();
    await parent.store.put(keyOf(before), new Uint8Array(10));
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    expect((await build(child, 'main', SMALL_GRAPHS)).reused).toBe(0);
    await expectGoodAnswers(child);
  });

  it.each<[string, Partial<IndexRequest>]>([
    ['precision', { precision: 'bfloat16' }],
    ['size of graphs', { shardRows: 300 }],
    ['metric', { metric: 'dot' }],
  ])('of another %s is built anew', async (_, other) => {
    const { parent } = await indexedParent();
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    expect((await build(child, 'main', { ...SMALL_GRAPHS, ...other })).reused).toBe(0);
    await expectGoodAnswers(child);
  });

  it('is built anew if it finds too few neighbours', async () => {
    const { parent, before } = await indexedParent();
    // A graph of the same rows with other vectors stands for one that has become poor.
    const shards = [];
    for (const [place, shard] of before.shards.entries()) {
      const graph = newGraph(before.graph, 0);
      const keys = BigUint64Array.from({ length: 200 }, (_, row) => rowKey(place, row));
      graph.add(keys, randomRows(200, DIMENSIONS, 30 + place), 1);
      const path = join(temporaryFolder(), 'graph');
      graph.save(path);
      const bytes = readFileSync(path);
      await parent.store.put(shard.key, bytes);
      shards.push({ ...shard, bytes: bytes.length, sha256: sha256(bytes) });
    }
    await parent.store.put(indexLayout('test', 'v1', 'main').manifest, encodeJson({ ...before, shards }));
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    const { manifest, reused } = await build(child, 'main', SMALL_GRAPHS);
    expect(reused).toBe(0);
    expect(manifest.delta).toBeNull();
    await expectGoodAnswers(child);
  });

  it('is built anew if the version has the same numbers of rows in other files', async () => {
    const { parent } = await indexedParent();
    const files = [randomRows(200, DIMENSIONS, 3), randomRows(200, DIMENSIONS, 4)];
    const { store } = parent;
    const whole = await writeVectorVersion(store, {
      version: 'v2',
      parent: 'v1',
      dimensions: DIMENSIONS,
      files,
    });
    expect((await build(whole, 'main', SMALL_GRAPHS)).reused).toBe(0);
    await expectGoodAnswers(whole);
  });

  it('that lacks a graph that it names cannot be opened, and says which file is gone', async () => {
    const { parent, before } = await indexedParent();
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    await build(child, 'main', SMALL_GRAPHS);
    const { key } = before.shards[0]!;
    await parent.store.delete(key);
    await expect(openIndex(child, 'main')).rejects.toMatchObject({
      code: 'OBJECT_NOT_FOUND',
      file: `${parent.store.root}/${key}`,
      remedy: expect.stringContaining('another name'),
    });
  });
});

it('any nights leave an index that gives live rows alone, as many as there are', async () => {
  const night = fc.record({
    deadShare: fc.constantFrom(0, 0.01, 0.1, 0.3, 0.9),
    rows: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(night, { minLength: 1, maxLength: 3 }),
      fc.constantFrom<Partial<IndexRequest>>(
        {},
        { shardRows: 500 },
        { exactBelow: 150 },
        { exactBelow: 1e6 },
      ),
      fc.integer({ min: 1, max: 80 }),
      async (nights, more, k) => {
        const request = { ...SMALL_GRAPHS, precision: 'float32' as const, ...more };
        let version = await firstNight(openStore(temporaryFolder()), DIMENSIONS, [
          randomRows(150, DIMENSIONS),
        ]);
        await build(version, 'main', request);
        for (const [seed, { deadShare, rows }] of nights.entries()) {
          const files = rows.map((count, file) => randomRows(count, DIMENSIONS, 20 + 2 * seed + file));
          version = await nightAfter(version, { deadShare, files }, seed);
          if (version.parts.rows === 0) return;
          const { manifest } = await build(version, 'main', request);
          const leastRecall = manifest.kind === 'exact' ? 1 : 0.9;
          await expectGoodAnswers(version, { k, leastRecall });
        }
      },
    ),
    { numRuns: 6, seed: 15, endOnFailure: true },
  );
});
