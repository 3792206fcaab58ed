import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../core/canonical-json.js';
import { indexLayout } from '../../../core/index/index-layout.js';
import type { IndexManifest, IndexShardRecord } from '../../../core/index/index-manifest.js';
import { planIndexShards } from '../../../core/index/plan-index-shards.js';
import { sha256 } from '../../../engine/files/hash.js';
import { graphContent } from '../../../engine/index/build-graph.js';
import { planIndex } from '../../../engine/index/build-index.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { newGraph } from '../../../engine/index/usearch.js';
import { readVectors } from '../../../engine/index/version-vectors.js';
import { openStore } from '../../../engine/store/open-store.js';
import { encodeJson } from '../../../engine/version/create-once.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { buildIndexLocally } from '../../../local/build-index.js';
import { oneAttempt } from '../../support/one-attempt.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 16;
const layout = indexLayout('test', 'v1', 'main');

async function versionOf(
  files: readonly Float32Array[],
  more: { version?: string; parent?: string } = {},
  store = openStore(temporaryFolder()),
) {
  return writeVectorVersion(store, { dimensions: DIMENSIONS, files, ...more });
}

/**
 * Builds a graph of all rows of the version's only shard, as another process may have built it:
 * with the last row first.
 */
async function anotherGraph(version: ReadableVersion): Promise<{ content: string; bytes: Uint8Array }> {
  const { chosen } = await planIndex(version, 'main', SMALL_GRAPHS);
  const [shard] = planIndexShards(version.parts, chosen.shardRows);
  const { rowKeys, vectors } = await readVectors(version, shard!.parts[0]!);
  const graph = newGraph(chosen.graph, 0);
  for (let row = rowKeys.length - 1; row >= 0; row -= 1)
    graph.add(rowKeys[row]!, vectors.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS), 1);
  const folder = temporaryFolder();
  graph.save(`${folder}/graph`);
  return { content: graphContent(shard!, chosen.graph), bytes: await openStore(folder).get('graph') };
}

/**
 * Makes an index of the first format of one: with graphs under the names that they would have if
 * `engine` had built them, and with records that name no builder.
 */
async function renameAsBuiltBy({ store, parts }: ReadableVersion, index: IndexManifest, engine: string) {
  const shards = [];
  const { delta: _delta, ...first } = index;
  for (const [at, graph] of index.shards.entries()) {
    const { builder: _builder, key: _key, liveRows: _live, rowList: _list, ...record } = graph;
    const { sha256: file } = parts.at(at)!.vectors;
    const content = sha256(canonicalJson({ engine, parameters: { ...index.graph }, files: [file] }));
    await store.put(layout.shard(content), await store.get(layout.shard(record.content)));
    await store.put(layout.shardRecord(content), encodeJson({ ...record, content }));
    await store.delete(layout.shard(record.content));
    await store.delete(layout.shardRecord(record.content));
    shards.push({ ...record, content });
  }
  await store.delete(layout.manifest);
  await store.put(layout.manifest, encodeJson({ ...first, formatVersion: 1, shards }));
}

describe('a graph that exists', () => {
  it('without a record, because its process was killed in between, is adopted with its bytes', async () => {
    const version = await versionOf([randomRows(80, DIMENSIONS)]);
    const { content, bytes } = await anotherGraph(version);
    await version.store.put(layout.shard(content), bytes);
    const { manifest, reused } = await build(version, 'main', SMALL_GRAPHS);
    expect(reused).toBe(1);
    expect(manifest.shards).toMatchObject([{ content, sha256: sha256(bytes), build: null }]);
    await (await openIndex(version, 'main')).close();
  });

  it('since this build began is used, and the record describes its bytes and not those that were built', async () => {
    const version = await versionOf([randomRows(80, DIMENSIONS)]);
    const { content, bytes } = await anotherGraph(version);
    const path = `${version.store.root.slice('file://'.length)}/${layout.shard(content)}`;
    const { manifest, reused } = await buildIndexLocally(
      version,
      await planIndex(version, 'main', SMALL_GRAPHS),
      {
        threads: 1,
        signal: new AbortController().signal,
        onRows: () => {
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, bytes);
        },
        onGate: () => {},
        onRetry: oneAttempt,
      },
    );
    expect(reused).toBe(0);
    expect(manifest.shards).toMatchObject([{ sha256: sha256(bytes), build: null }]);
    await (await openIndex(version, 'main')).close();
  });

  it('is the same for two builds that race, and both publish one index', async () => {
    const version = await versionOf([randomRows(90, DIMENSIONS), randomRows(90, DIMENSIONS, 1)]);
    const both = await Promise.all([1, 2].map((threads) => build(version, 'main', SMALL_GRAPHS, threads)));
    expect(both[0]!.manifest).toEqual(both[1]!.manifest);
    for (const { content, sha256: recorded } of both[0]!.manifest.shards) {
      expect(sha256(await version.store.get(layout.shard(content)))).toBe(recorded);
      const record = await readJsonRecord<IndexShardRecord>(version.store, layout.shardRecord(content), 1);
      expect(record.sha256).toBe(recorded);
    }
  });

  it('under the right name but made of other rows stops the build, and nothing is published', async () => {
    const version = await versionOf([randomRows(80, DIMENSIONS)]);
    const { bytes } = await anotherGraph(await versionOf([randomRows(70, DIMENSIONS)]));
    const { content } = await anotherGraph(version);
    await version.store.put(layout.shard(content), bytes);
    await expect(build(version, 'main', SMALL_GRAPHS)).rejects.toMatchObject({
      code: 'FILE_DAMAGED',
      file: expect.stringContaining(content),
    });
    expect(await version.store.head(layout.manifest)).toBeUndefined();
  });

  it('that was cut short or removed after it was recorded stops the build', async () => {
    const version = await versionOf([randomRows(80, DIMENSIONS)]);
    const { manifest } = await build(version, 'main', SMALL_GRAPHS);
    const { content } = manifest.shards[0]!;
    await version.store.delete(layout.manifest);
    const bytes = await version.store.get(layout.shard(content));
    await version.store.put(layout.shard(content), bytes.subarray(0, 100));
    await expect(build(version, 'main', SMALL_GRAPHS)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    await version.store.delete(layout.shard(content));
    await expect(build(version, 'main', SMALL_GRAPHS)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });
});

describe("the parent version's index of the same name", () => {
  const carried = [randomRows(100, DIMENSIONS), randomRows(100, DIMENSIONS, 1)];

  it('provides the graphs of files that were carried over', async () => {
    const parent = await versionOf(carried);
    const first = await build(parent, 'main', SMALL_GRAPHS);
    const child = await versionOf(
      [...carried, randomRows(40, DIMENSIONS, 2)],
      { version: 'v2', parent: 'v1' },
      parent.store,
    );
    const { manifest, reused } = await build(child, 'main', SMALL_GRAPHS);
    expect(reused).toBe(2);
    expect(manifest.shards.slice(0, 2)).toEqual(first.manifest.shards);
    expect(manifest.shards).toHaveLength(2);
    expect(manifest.delta?.rows).toBe(40);
    await (await openIndex(child, 'main')).close();
  });

  it('provides no graph that other code built of the same files, and both stay searchable', async () => {
    const parent = await versionOf(carried);
    const first = await build(parent, 'main', SMALL_GRAPHS);
    await renameAsBuiltBy(parent, first.manifest, 'usearch 2.21.4');
    await (await openIndex(parent, 'main')).close();
    const child = await versionOf(carried, { version: 'v2', parent: 'v1' }, parent.store);
    const { manifest, reused } = await build(child, 'main', SMALL_GRAPHS);
    expect(reused).toBe(0);
    expect(manifest.shards.map(({ builder }) => builder)).toEqual(['vectormill 1', 'vectormill 1']);
    await (await openIndex(child, 'main')).close();
  });

  it('provides no damaged graph', async () => {
    const parent = await versionOf(carried);
    const first = await build(parent, 'main', SMALL_GRAPHS);
    const { content } = first.manifest.shards[0]!;
    const bytes = (await parent.store.get(layout.shard(content))).slice();
    bytes[bytes.length >> 1]! ^= 1;
    await parent.store.put(layout.shard(content), bytes);
    const child = await versionOf(carried, { version: 'v2', parent: 'v1' }, parent.store);
    expect((await build(child, 'main', SMALL_GRAPHS)).reused).toBe(1);
    await (await openIndex(child, 'main')).close();
  });

  it("is refused as another version's if it is copied into the version unchanged", async () => {
    const parent = await versionOf(carried);
    const { manifest } = await build(parent, 'main', SMALL_GRAPHS);
    const child = await versionOf(carried, { version: 'v2', parent: 'v1' }, parent.store);
    await child.store.put(indexLayout('test', 'v2', 'main').manifest, encodeJson(manifest));
    await expect(openIndex(child, 'main')).rejects.toMatchObject({
      code: 'INDEX_MISMATCH',
      message: expect.stringContaining('it is of test@v1'),
    });
  });
});
