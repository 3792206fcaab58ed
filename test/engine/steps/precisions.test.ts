import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedShard, RangesRecord } from '../../../core/commit.js';
import type { JobRecord } from '../../../core/job-spec.js';
import type { Manifest } from '../../../core/manifest.js';
import { rangesOf } from '../../../core/value-ranges.js';
import { decodeVectors, encodeVectors } from '../../../core/vector-encoding.js';
import { needsRanges, storedWidth, VECTOR_PRECISIONS } from '../../../core/vector-precision.js';
import { readChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readVectorFile } from '../../../engine/parquet/vector-file.js';
import { chunkShard } from '../../../engine/steps/chunk-shard.js';
import { embedShard } from '../../../engine/steps/embed-shard.js';
import { quantiseShard } from '../../../engine/steps/quantise-shard.js';
import { reduceRanges, removeFloat32 } from '../../../engine/steps/reduce-ranges.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { createVersion } from '../../../engine/version/create-version.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { readJsonRecord } from '../../../engine/version/read-json-record.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { editRecord } from '../../support/edit-record.js';
import { listedFiles } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { TEST_DIMENSIONS, testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, scanVersion, startVersion, testProcess, testRun } from '../../support/test-tools.js';
import { nearestChunks } from '../search/nearest-chunks.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  writeCorpus(folder, {
    'a.jsonl': [...documents(20, 25, 'a'), '{"broken"'],
    'b.jsonl': documents(15, 60, 'b'),
  });
});

const jobOf = (precision: string, more: Record<string, unknown> = {}) =>
  testJob(folder, { vectors: { precision }, ...more });

function readable(job: JobRecord): Promise<ReadableVersion> {
  return resolveVersion(openStore(job.spec.output), { dataset: 'test', selector: 'v1' });
}

/**
 * Returns every text of a version in the order of its rows, and the float32 vectors that the model
 * gives them.
 */
async function embedded({ store, parts }: ReadableVersion) {
  const texts: string[] = [];
  for (const { chunks } of parts)
    texts.push(...readChunkFile(await store.get(chunks.key), chunks.key).rows.map(({ text }) => text));
  return { texts, ...(await testEmbedder().embed(texts, { prompt: 'document' })) };
}

/** Reads the numbers of all vector files with a reader that knows nothing of this project. */
async function storedNumbers({ store, parts }: ReadableVersion): Promise<number[]> {
  const numbers: number[] = [];
  for (const { vectors } of parts) {
    const bytes = await store.get(vectors.key);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    for (const { vector } of await parquetReadObjects({ file, compressors })) numbers.push(...vector);
  }
  return numbers;
}

function filesBelow(job: JobRecord): string[] {
  const root = join(new URL(job.spec.output).pathname, 'test', 'versions', 'v1');
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

describe.each(VECTOR_PRECISIONS)('a job that stores %s', (precision) => {
  it('stores over all shards what it would store with all rows at once, and its manifest says so', async () => {
    const job = jobOf(precision);
    const manifest = await runJob(testProcess(), job);
    expect(manifest.totals.shards).toBeGreaterThan(3);
    const version = await readable(job);
    const { vectors } = await embedded(version);
    const ranges = needsRanges(precision) ? rangesOf(vectors, TEST_DIMENSIONS) : undefined;
    expect(manifest.vectors).toEqual(ranges ? { precision, ranges } : { precision });
    const expected = encodeVectors(vectors, TEST_DIMENSIONS, { precision, ranges });
    expect(expected).toHaveLength(manifest.totals.chunks * storedWidth(precision, TEST_DIMENSIONS));
    const seen = await storedNumbers(version);
    if (precision === 'float16') {
      const decoded = decodeVectors(expected, TEST_DIMENSIONS, { precision });
      expect(Float32Array.from(seen)).toEqual(decoded);
    } else {
      expect(seen).toEqual([...expected]);
    }
  });

  it('keeps the fingerprint and the float32 probe of its model, and is verified and searched', async () => {
    const job = jobOf(precision);
    const manifest = await runJob(testProcess(), job);
    const plain = await runJob(testProcess(), testJob(folder, { output: './float32' }));
    expect(manifest.fingerprint).toBe(plain.fingerprint);
    expect(manifest.probe).toEqual(plain.probe);
    const version = await readable(job);
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
    const { texts, vectors } = await embedded(version);
    const ranges = rangesOf(vectors, TEST_DIMENSIONS);
    const stored = encodeVectors(vectors, TEST_DIMENSIONS, { precision, ranges });
    const decoded = decodeVectors(stored, TEST_DIMENSIONS, { precision, ranges });
    const text = texts[7]!;
    const query = vectors.subarray(7 * TEST_DIMENSIONS, 8 * TEST_DIMENSIONS);
    const cosines = texts.map((_, row) => cosine(query, decoded.subarray(row * TEST_DIMENSIONS)));
    const [best] = await nearestChunks(version, testEmbedder(), text, 1);
    expect(best!.score).toBeCloseTo(Math.max(...cosines), 6);
    expect(best!.text).toBe(texts[cosines.indexOf(Math.max(...cosines))]);
    if (precision !== 'binary' && precision !== 'ubinary') expect(best!.text).toBe(text);
  });

  it('that is run again changes nothing and computes nothing', async () => {
    const job = jobOf(precision);
    const first = await runJob(testProcess(), job);
    const files = filesBelow(job);
    expect(files.filter((file) => file.startsWith('float32'))).toEqual([]);
    expect(files.includes('ranges.json')).toBe(needsRanges(precision));
    const again = testProcess();
    expect(await runJob(again, job, undefined, 9999)).toEqual(first);
    expect(again.events).toEqual([]);
    expect(filesBelow(job)).toEqual(files);
  });

  it('completes a corpus in which every document is rejected', async () => {
    const empty = temporaryFolder();
    writeCorpus(empty, { 'a.jsonl': ['not json'] });
    const job = testJob(empty, { vectors: { precision }, limits: { reject_share: 1 } });
    expect((await runJob(testProcess(), job)).vectors).toEqual({ precision });
    expect((await verifyVersion(await readable(job), testEmbedder())).differences).toEqual([]);
  });
});

describe('a job in two passes', () => {
  it('that is stopped at any one of its parts is resumed to the manifest of an undisturbed run', async () => {
    const expected = await runJob(testProcess(), jobOf('int8', { output: './undisturbed' }));
    const stages = new Set<string>();
    for (let stopAt = 1; ; stopAt += 5) {
      const job = jobOf('int8', { output: `./stopped-${stopAt}` });
      const stop = new AbortController();
      let parts = 0;
      const process = testProcess({
        onPart: ({ event, stage }) => {
          parts += event === 'part.started' ? 1 : 0;
          if (parts !== stopAt) return;
          stages.add(stage);
          stop.abort();
        },
      });
      const stopped = await runJob(process, job, testRun(stop.signal)).catch((error: unknown) => error);
      expect(await runJob(testProcess(), job)).toEqual(expected);
      if (!(stopped instanceof Error)) break;
      expect(stopped).toMatchObject({ code: 'CANCELLED' });
    }
    expect([...stages].sort()).toEqual(['chunk', 'embed', 'quantise']);
  });

  it('whose process died between the passes takes the vectors that exist, and does not ask the model again', async () => {
    const job = jobOf('uint8');
    await firstPass(job);
    const process = testProcess();
    const manifest = await runJob(process, job);
    expect(manifest).toEqual(await runJob(testProcess(), jobOf('uint8', { output: './undisturbed' })));
    const started = process.events.filter(({ event }) => event === 'part.started');
    expect(new Set(started.map(({ stage }) => stage))).toEqual(new Set(['quantise']));
  });

  it('lists nothing and commits nothing before the ranges of every shard are known', async () => {
    const job = jobOf('int8');
    const version = await firstPass(job);
    const files = filesBelow(job);
    expect(files.filter((file) => /^(commits|vectors)/.test(file))).toEqual([]);
    const lists = [];
    for (const { shard } of await version.plan())
      lists.push(await readJsonRecord<EmbeddedShard>(version.store, version.layout.float32Parts(shard), 1));
    await reduceRanges(version, testRun());
    const { ranges } = await readJsonRecord<RangesRecord>(version.store, version.layout.ranges, 1);
    const least = TEST_DIMENSIONS - 1;
    expect(ranges!.min[least]).toBe(Math.min(...lists.map((list) => list.ranges!.min[least]!)));
    expect(ranges!.max[least]).toBe(Math.max(...lists.map((list) => list.ranges!.max[least]!)));
  });

  it('keeps its float32 parts while there is no manifest', async () => {
    const job = jobOf('int8');
    const version = await firstPass(job);
    const files = filesBelow(job);
    await removeFloat32(version, testRun());
    expect(filesBelow(job)).toEqual(files);
  });

  it('leaves one commit when two attempts race at a shard', async () => {
    const job = jobOf('int8');
    await reduceRanges(await firstPass(job), testRun());
    const [one, other] = await Promise.all(
      [testProcess(), testProcess()].map(async ({ tools, open }) =>
        quantiseShard(tools, await open(job), 0, testRun()),
      ),
    );
    expect(other).toEqual(one);
  });

  it('detects a float32 part that was changed in the meantime, and writes nothing from it', async () => {
    const job = jobOf('int8');
    const version = await firstPass(job);
    await reduceRanges(version, testRun());
    const list = await readJsonRecord<EmbeddedShard>(version.store, version.layout.float32Parts(0), 1);
    const path = join(folder, 'out', list.parts[0]!.key);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    await expect(quantiseShard(testProcess().tools, version, 0, testRun())).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      file: `file://${path}`,
    });
    expect(filesBelow(job).filter((file) => file.startsWith('vectors'))).toEqual([]);
  });

  it('does not adopt a part that was stored by other ranges', async () => {
    const job = jobOf('int8');
    const version = await firstPass(job);
    writeCorpus(folder, { 'b.jsonl': documents(15, 60, 'other') });
    const other = await runJob(testProcess(), jobOf('int8', { output: './other' }));
    const { vectorFiles } = await listedFiles(openStore(join(folder, 'other')), other);
    const foreign = vectorFiles.find(({ key }) => key.includes('/00000000/'))!;
    await reduceRanges(version, testRun());
    await version.store.put(foreign.key, readFileSync(join(folder, 'other', foreign.key)));
    await expect(quantiseShard(testProcess().tools, version, 0, testRun())).rejects.toMatchObject({
      code: 'PART_CONFLICT',
      message: expect.stringContaining('ranges'),
    });
  });
});

describe('a precision', () => {
  it("is part of a version's identity: a job that asks for another one is refused", async () => {
    await runJob(testProcess(), jobOf('int8'));
    await expect(createVersion(openStore(join(folder, 'out')), jobOf('uint8'))).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      message: expect.stringContaining('vectors'),
    });
  });

  it('that cannot hold a value refuses it before anything is durable', async () => {
    const base = testEmbedder();
    const embedder = {
      ...base,
      embed: async (...[texts, options]: Parameters<typeof base.embed>) => {
        const embedding = await base.embed(texts, options);
        return { ...embedding, vectors: embedding.vectors.map((value) => value * 1e6) };
      },
    };
    const job = jobOf('float16');
    await expect(runJob(testProcess({ embedder }), job)).rejects.toMatchObject({
      code: 'VECTOR_INVALID',
      file: expect.stringContaining('chunks/00000000'),
      message: expect.stringContaining('float16 cannot hold'),
    });
    expect(filesBelow(job).filter((file) => file.startsWith('vectors'))).toEqual([]);
    const wide = jobOf('int8', { output: './wide' });
    const { vectors } = await runJob(testProcess({ embedder }), wide);
    expect(vectors!.ranges!.max[0]).toBeGreaterThan(65_504);
  });

  it.each(VECTOR_PRECISIONS)('of %s gives norms of the vectors as they are read back', async (precision) => {
    const job = jobOf(precision);
    await runJob(testProcess(), job);
    const { store, parts } = await readable(job);
    for (const { key, minNorm, maxNorm, nanCount } of [...parts].map((part) => part.vectors)) {
      const { vectors, dimensions } = readVectorFile(await store.get(key), key);
      const norms = Array.from({ length: vectors.length / dimensions }, (_, row) =>
        Math.hypot(...vectors.subarray(row * dimensions, (row + 1) * dimensions)),
      );
      expect(minNorm).toBeCloseTo(Math.min(...norms), 6);
      expect(maxNorm).toBeCloseTo(Math.max(...norms), 6);
      expect(nanCount).toBe(0);
      if (precision === 'binary') expect(maxNorm).toBe(Math.sqrt(dimensions));
    }
  });

  it('is float32 in a version of a release that knew no other', async () => {
    const job = testJob(folder);
    const { vectors: _, ...spec } = job.spec;
    const older: JobRecord = { ...job, spec };
    await runJob(testProcess(), older);
    const path = join(folder, 'out/test/versions/v1/manifest.json');
    editRecord(path, ({ vectors, ...manifest }: Manifest) => {
      expect(vectors).toEqual({ precision: 'float32' });
      return manifest;
    });
    await createVersion(openStore(join(folder, 'out')), job);
    const version = await readable(job);
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
    expect(await nearestChunks(version, testEmbedder(), 'anything', 3)).toHaveLength(3);
  });
});

/** Takes every shard through the first pass, as a process that dies after it would. */
async function firstPass(job: JobRecord): Promise<OpenVersion> {
  const process = testProcess();
  const version = await startVersion(process, job);
  const duplicates = await scanVersion(process, version, testRun());
  for (const { shard } of await version.plan()) {
    await chunkShard(process.tools, version, { shard, duplicates }, testRun());
    await embedShard(process.tools, version, shard, testRun());
  }
  return version;
}

function cosine(query: Float32Array, row: Float32Array): number {
  const vector = row.subarray(0, query.length);
  const dot = query.reduce((sum, value, index) => sum + value * vector[index]!, 0);
  return dot / (Math.hypot(...query) * Math.hypot(...vector));
}
