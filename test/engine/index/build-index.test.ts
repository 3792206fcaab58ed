import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IndexRequest } from '../../../core/index/choose-parameters.js';
import type { IndexManifest } from '../../../core/index/index-manifest.js';
import { INDEX_METRICS, INDEX_PRECISIONS } from '../../../core/index/index-options.js';
import { scorerOf } from '../../../core/index/score.js';
import { planIndex } from '../../../engine/index/build-index.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { searchIndex } from '../../../engine/index/search-index.js';
import { readVectors } from '../../../engine/index/version-vectors.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { buildIndexLocally } from '../../../local/build-index.js';
import { oneAttempt } from '../../support/one-attempt.js';
import { build, SMALL_GRAPHS } from './build.js';
import { testVersion } from './support.js';

/** Returns all rows of the version, by key and vector. */
async function rowsOf(version: ReadableVersion) {
  const rows: { key: bigint; vector: Float32Array }[] = [];
  for (const part of version.parts) {
    const { rowKeys, vectors } = await readVectors(version, part);
    const { dimensions } = version.manifest.signature;
    for (const [row, key] of rowKeys.entries())
      rows.push({ key, vector: vectors.slice(row * dimensions, (row + 1) * dimensions) });
  }
  return rows;
}

describe('an index', () => {
  it.each(INDEX_METRICS)(
    'by %s finds what comparing all rows finds, with the same scores',
    async (metric) => {
      const version = await testVersion();
      const all = await rowsOf(version);
      for (const exactBelow of [0, 1e6]) {
        const { manifest } = await build(version, `of-${exactBelow}`, {
          ...SMALL_GRAPHS,
          metric,
          exactBelow,
          precision: 'float32',
          recallTarget: 0.99,
        });
        expect(manifest.kind).toBe(exactBelow === 0 ? 'hnsw' : 'exact');
        const index = await openIndex(version, manifest.name);
        for (const { vector } of [all[0]!, all[151]!, all.at(-1)!]) {
          const [found = []] = await searchIndex(version, index, [vector], 5);
          const truth = all
            .map(({ key, vector: row }) => ({
              key,
              score: scorerOf(metric, vector)({ vectors: row, start: 0, norm: Math.hypot(...row) }),
            }))
            .sort((a, b) => b.score - a.score);
          for (const [rank, { score }] of found.entries()) expect(score).toBeCloseTo(truth[rank]!.score, 12);
          for (const { rowKey, score } of found)
            expect(truth.find(({ key }) => key === rowKey)?.score).toBeCloseTo(score, 12);
          expect(found).toHaveLength(5);
        }
        await index.close();
      }
    },
  );

  it.each(INDEX_PRECISIONS)(
    'that keeps its vectors as %s is published with its measurements',
    async (precision) => {
      const version = await testVersion();
      const { manifest } = await build(version, 'main', { ...SMALL_GRAPHS, recallTarget: 0.5, precision }, 2);
      expect(manifest).toMatchObject({
        kind: 'hnsw',
        engine: { name: 'usearch', version: '2.21.4' },
        source: { fingerprint: version.manifest.fingerprint, rows: 300 },
        graph: { precision, metric: 'cosine' },
        gate: { target: 0.5, k: 10, queries: 200 },
      });
      expect(manifest.gate.recall).toBeGreaterThanOrEqual(0.5);
      expect(manifest.shards.map(({ rows }) => rows)).toEqual([100, 100, 100]);
      expect(manifest.shards.every(({ build }) => build?.threads === 2)).toBe(true);
      const builder = precision === 'int8' ? 'vectormill 1' : 'usearch 2.21.4';
      expect(manifest.shards.every((shard) => shard.builder === builder)).toBe(true);
    },
  );

  it('below the recall target is not published, and the error says so', async () => {
    const version = await testVersion();
    const poor: IndexRequest = {
      ...SMALL_GRAPHS,
      recallTarget: 1,
      precision: 'binary',
      connectivity: 2,
      expansionAdd: 4,
      shardRows: 300,
    };
    const outcome = build(version, 'main', poor);
    await expect(outcome).rejects.toMatchObject({
      code: 'RECALL_TOO_LOW',
      message: expect.stringMatching(/not published.*recall@10 is 0\.\d+, below 1/),
    });
    await expect(openIndex(version, 'main')).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
  });

  it('limits k to the number of rows', async () => {
    const version = await testVersion(30);
    await build(version, 'main', SMALL_GRAPHS);
    const index = await openIndex(version, 'main');
    const [first] = await rowsOf(version);
    const [found = []] = await searchIndex(version, index, [first!.vector], 1000);
    expect(new Set(found.map(({ rowKey }) => rowKey)).size).toBe(30);
  });

  it('of one row is published and finds it', async () => {
    const version = await testVersion(1);
    await build(version, 'main', SMALL_GRAPHS);
    const [only] = await rowsOf(version);
    const [found = []] = await searchIndex(version, await openIndex(version, 'main'), [only!.vector], 3);
    expect(found.map(({ rowKey }) => rowKey)).toEqual([only!.key]);
  });
});

describe('building again', () => {
  it('by one thread gives the same bytes for the same rows', async () => {
    const version = await testVersion(120);
    const first = await build(version, 'first', SMALL_GRAPHS, 1);
    const second = await build(version, 'second', SMALL_GRAPHS, 1);
    expect(second.manifest.shards.map(({ sha256 }) => sha256)).toEqual(
      first.manifest.shards.map(({ sha256 }) => sha256),
    );
    expect(second.reused).toBe(0);
  });

  it('continues after a stop with the missing graph, and keeps those that were finished', async () => {
    const version = await testVersion();
    const plan = await planIndex(version, 'main', SMALL_GRAPHS);
    const stop = new AbortController();
    await expect(
      buildIndexLocally(version, plan, {
        threads: 1,
        signal: stop.signal,
        onRows: (done) => done >= 100 && stop.abort(),
        onGate: () => {},
        onRetry: oneAttempt,
      }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(openIndex(version, 'main')).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
    const { reused, manifest } = await build(version, 'main', SMALL_GRAPHS);
    expect(reused).toBeGreaterThanOrEqual(1);
    expect(manifest.shards).toHaveLength(3);
  });

  it('with the same options finds the existing index, and is refused with other options', async () => {
    const version = await testVersion(60);
    const { manifest } = await build(version, 'main', SMALL_GRAPHS);
    expect((await build(version, 'main', { ...SMALL_GRAPHS })).manifest).toEqual(manifest);
    await expect(planIndex(version, 'main', { ...SMALL_GRAPHS, metric: 'l2' })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
  });
});

describe('what does not fit together', () => {
  it('an empty version is refused', async () => {
    const version = await testVersion(3);
    const empty = { ...version.manifest, totals: { ...version.manifest.totals, chunks: 0 } };
    await expect(planIndex({ ...version, manifest: empty }, 'main', SMALL_GRAPHS)).rejects.toMatchObject({
      code: 'INPUT_EMPTY',
    });
  });

  it.each([
    ['exact search', 1e6],
    ['graphs', 0],
  ])('%s is not published over a version whose vectors are gone or cut off', async (_, exactBelow) => {
    const version = await testVersion(30);
    const { store, parts } = version;
    const { key } = parts.at(parts.length - 1)!.vectors;
    const bytes = await store.get(key);
    const fails = async (code: string) => {
      const building = build(version, 'main', { ...SMALL_GRAPHS, exactBelow });
      await expect(building).rejects.toMatchObject({ code, file: `${store.root}/${key}` });
      await expect(openIndex(version, 'main')).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
    };
    await store.put(key, bytes.subarray(1));
    await fails('CHECKSUM_MISMATCH');
    await store.delete(key);
    await fails('OBJECT_NOT_FOUND');
    await store.put(key, bytes);
    expect((await build(version, 'main', { ...SMALL_GRAPHS, exactBelow })).manifest.source.rows).toBe(30);
  });

  it('a name that leads outside is refused', async () => {
    await expect(planIndex(await testVersion(3), '../x', SMALL_GRAPHS)).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('an index copied from another version is refused', async () => {
    const version = await testVersion(60);
    await build(version, 'main', SMALL_GRAPHS);
    const file = join(version.folder, 'out/test/versions/v1/manifest.json');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n`);
    await expect(openIndex(version, 'main')).rejects.toMatchObject({
      code: 'INDEX_MISMATCH',
      message: expect.stringContaining('the manifest has changed since'),
    });
  });

  it('a graph with a flipped bit is CHECKSUM_MISMATCH, and a missing one OBJECT_NOT_FOUND', async () => {
    const version = await testVersion(60);
    const { manifest } = await build(version, 'main', SMALL_GRAPHS);
    const path = graphPath(version, manifest);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    await expect(openIndex(version, 'main')).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    rmSync(path);
    await expect(openIndex(version, 'main')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });

  it('a manifest with other dimensions than its graph is refused, although usearch would accept it', async () => {
    const version = await testVersion(60);
    const { manifest } = await build(version, 'main', SMALL_GRAPHS);
    const other = { ...manifest, graph: { ...manifest.graph, metric: 'l2' } };
    writeFileSync(join(folderOf(version), 'manifest.json'), JSON.stringify(other));
    await expect(openIndex(version, 'main')).rejects.toMatchObject({
      code: 'INDEX_MISMATCH',
      message: expect.stringMatching(/holds 60 rows of 16 dimensions .*ip.*l2sq/),
    });
  });

  it('an index of graphs by an unknown engine is refused with the name of the engine', async () => {
    const version = await testVersion(60);
    const { manifest } = await build(version, 'main', SMALL_GRAPHS);
    const other = { ...manifest, engine: { name: 'faiss', version: '1.9.0' } };
    writeFileSync(join(folderOf(version), 'manifest.json'), JSON.stringify(other));
    const refusal = {
      code: 'INDEX_MISMATCH',
      message: expect.stringContaining(
        'are files of faiss 1.9.0, and this vectormill reads those of usearch',
      ),
    };
    await expect(openIndex(version, 'main')).rejects.toMatchObject(refusal);
    await expect(planIndex(version, 'main', SMALL_GRAPHS)).rejects.toMatchObject(refusal);
  });

  it('a vector file whose checksum differs stops the build before anything is published', async () => {
    const version = await testVersion(60);
    const path = join(version.folder, 'out', version.parts.at(0)!.vectors.key);
    const bytes = readFileSync(path);
    bytes[300]! ^= 1;
    writeFileSync(path, bytes);
    await expect(build(version, 'main', SMALL_GRAPHS)).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      file: expect.stringContaining('vectors'),
    });
  });
});

function folderOf({ folder }: { folder: string }): string {
  return join(folder, 'out/test/versions/v1/index/main');
}

function graphPath(version: { folder: string }, { shards }: IndexManifest): string {
  const name = readdirSync(folderOf(version)).find(
    (file) => file.startsWith(shards[0]!.content) && file.endsWith('.usearch'),
  );
  return join(folderOf(version), name!);
}
