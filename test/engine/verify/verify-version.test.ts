import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RangesRecord, ShardCommit } from '../../../core/commit.js';
import { shardName, splitRowKey } from '../../../core/ids.js';
import type { FirstManifest, Manifest } from '../../../core/manifest.js';
import type { VectorPartFile } from '../../../core/part.js';
import type { VectorEncoding } from '../../../core/vector-precision.js';
import { sha256 } from '../../../engine/files/hash.js';
import { readVectorFile, writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { chunkShard } from '../../../engine/steps/chunk-shard.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { vectorStatistics } from '../../../engine/version/vector-statistics.js';
import { editRecord } from '../../support/edit-record.js';
import { listedFiles, writeFirstManifest } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder, testSignature } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, startVersion, testProcess, testRun } from '../../support/test-tools.js';

let folder: string;
let manifest: Manifest;
let files: Awaited<ReturnType<typeof listedFiles>>;

beforeEach(async () => {
  folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': [...documents(8, 20), '{"broken"'], 'b.jsonl': documents(6, 20, 'b') });
  manifest = await runJob(testProcess(), testJob(folder));
  files = await listedFiles(openStore(join(folder, 'out')), manifest);
});

const pathOf = (key: string) => join(folder, 'out', key);

async function differences(embedder = testEmbedder()) {
  const version = await resolveVersion(openStore(join(folder, 'out')), { dataset: 'test', selector: 'v1' });
  return (await verifyVersion(version, embedder)).differences;
}

/** Rewrites the manifest in the first format, which lists the files itself, and then edits it. */
async function editFirstManifest(edit: (manifest: FirstManifest) => unknown): Promise<void> {
  await writeFirstManifest(openStore(join(folder, 'out')), { dataset: 'test', version: 'v1' });
  editManifest((manifest) => edit(manifest as FirstManifest));
}

function editManifest(edit: (manifest: Manifest) => unknown): void {
  const path = pathOf('test/versions/v1/manifest.json');
  editRecord(path, (listed: Manifest) => edit(listed) as Manifest);
}

describe('verify', () => {
  it.each([1, 2])('finds nothing wrong with a sound version of format %i, and counts it', async (format) => {
    if (format === 1) await editFirstManifest((edited) => edited);
    const version = await resolveVersion(openStore(join(folder, 'out')), { dataset: 'test', selector: 'v1' });
    const seen: number[] = [];
    const report = await verifyVersion(version, testEmbedder(), (done, total) => seen.push(done, total));
    expect(report.differences).toEqual([]);
    expect(report.chunks).toBe(manifest.totals.chunks);
    expect(report.bytes).toBe(manifest.totals.outputBytes);
    expect(report.files).toBe(files.chunkFiles.length * 2 + files.rejectFiles.length);
    expect(report.probeCosine).toBeCloseTo(1, 6);
    const total = files.chunkFiles.length;
    expect(seen.slice(-2)).toEqual([total, total]);
  });

  it.each([
    ['chunk', () => files.chunkFiles[1]!.key],
    ['vector', () => files.vectorFiles[1]!.key],
    ['reject', () => files.rejectFiles[0]!.key],
  ])('finds a flipped byte in a %s file', async (_, key) => {
    const bytes = readFileSync(pathOf(key()));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(pathOf(key()), bytes);
    expect(await differences()).toEqual([
      { file: `file://${pathOf(key())}`, what: expect.stringContaining('another sha256') },
      ...(key().includes('rejects')
        ? []
        : [expect.objectContaining({ what: expect.stringContaining('counts') })]),
    ]);
  });

  it.each([
    ['chunk file', () => files.chunkFiles[0]!.key],
    ['vector file', () => files.vectorFiles[0]!.key],
    ['reject file', () => files.rejectFiles[0]!.key],
    ['commit', () => 'test/versions/v1/commits/00000001.json'],
    ['plan', () => 'test/versions/v1/plan.parquet'],
    ['mark for foreign tools', () => 'test/versions/v1/_SUCCESS'],
    ['probe', () => 'test/versions/v1/probe.json'],
  ])('finds a missing %s', async (_, key) => {
    rmSync(pathOf(key()));
    expect(await differences()).toContainEqual({ file: `file://${pathOf(key())}`, what: 'is missing' });
  });

  it('finds rejects on which commit and manifest agree but that no file holds', async () => {
    const commit = pathOf(
      files.rejectFiles[0]!.key.replace('rejects', 'commits').replace('.parquet', '.json'),
    );
    editRecord(commit, (record: ShardCommit) => ({ ...record, rejects: { BAD_JSON: 2 } }));
    editManifest((edited) => ({ ...edited, rejects: { BAD_JSON: 2 } }));
    expect(await differences()).toEqual([
      expect.objectContaining({ what: 'counts 2 rejects; its list of slices has 1' }),
      expect.objectContaining({ what: 'counts 2 rejects; the files hold 1' }),
    ]);
  });

  it('finds a probe record that is not the manifest’s', async () => {
    const probe = pathOf('test/versions/v1/probe.json');
    writeFileSync(probe, JSON.stringify({ formatVersion: 1, texts: ['another'], vectors: [[1]] }));
    expect(await differences()).toEqual([
      { file: `file://${probe}`, what: 'is not the probe of the manifest' },
    ]);
  });

  it('finds two vector files that changed places', async () => {
    const [first, second] = files.vectorFiles.map(({ key }) => pathOf(key));
    renameSync(first!, `${first}.aside`);
    renameSync(second!, first!);
    renameSync(`${first}.aside`, second!);
    expect((await differences()).map(({ file }) => file)).toEqual(
      expect.arrayContaining([`file://${first}`, `file://${second}`]),
    );
  });

  it('finds two vector files that changed places in the manifest, too', async () => {
    await editFirstManifest((edited) => {
      const [first, second, ...rest] = edited.vectorFiles;
      return { ...edited, vectorFiles: [second, first, ...rest] };
    });
    const found = (await differences()).map(({ what }) => what);
    expect(found).toContain('does not list the vector files of the commits');
    expect(found).toContain('row 0 is of another chunk');
  });

  it.each(['inputObjects', 'inputBytes', 'shards', 'documents', 'chunks', 'tokens', 'outputBytes'] as const)(
    'finds an edited count of %s',
    async (field) => {
      editManifest((edited) => ({
        ...edited,
        totals: { ...edited.totals, [field]: edited.totals[field] + 1 },
      }));
      expect(await differences()).toContainEqual({
        file: expect.stringContaining('manifest.json'),
        what: '`totals` is not what the commits say',
      });
    },
  );

  it('finds edited row keys, norms and rejects', async () => {
    await editFirstManifest((edited) => ({
      ...edited,
      rejects: {},
      vectorFiles: edited.vectorFiles.map((part) => ({ ...part, lastKey: '77', maxNorm: 2 })),
    }));
    const found = (await differences()).map(({ what }) => what);
    expect(found).toContain('`rejects` is not what the commits say');
    expect(found.some((what) => what.includes('holds row keys'))).toBe(true);
    expect(found.some((what) => what.includes('has norms'))).toBe(true);
  });

  it('finds a chunk id that occurs twice', async () => {
    const other = temporaryFolder();
    writeCorpus(other, {
      'a.jsonl': [
        { _id: 'x', text: 'one' },
        { _id: 'x', text: 'two' },
      ],
    });
    const process = testProcess();
    const job = testJob(other);
    const opened = await startVersion(process, job);
    // The records look as if no duplicate had been found.
    await chunkShard(process.tools, opened, { shard: 0, duplicates: [] }, testRun());
    await runJob(process, job);
    const version = await resolveVersion(opened.store, { dataset: 'test', selector: 'v1' });
    expect((await verifyVersion(version, testEmbedder())).differences).toContainEqual({
      file: expect.stringContaining('chunks'),
      what: 'row 1 is not the next chunk of its document',
    });
    await writeFirstManifest(opened.store, { dataset: 'test', version: 'v1' });
    const first = await resolveVersion(opened.store, { dataset: 'test', selector: 'v1' });
    expect((await verifyVersion(first, testEmbedder())).differences).toEqual([
      { file: expect.stringContaining('chunks'), what: 'row 1 repeats a chunk id' },
    ]);
  });

  it('finds a commit whose input is not the planned one', async () => {
    const path = pathOf('test/versions/v1/commits/00000000.json');
    editRecord(path, (record: ShardCommit) => ({
      ...record,
      inputs: record.inputs.map((input) => ({ ...input, etag: `other-${input.etag}` })),
    }));
    expect(await differences()).toEqual([{ file: `file://${path}`, what: expect.stringContaining('input') }]);
  });

  it('finds a probe that the model does not give', async () => {
    editManifest((edited) => {
      const [first, ...rest] = edited.probe.vectors;
      return { ...edited, probe: { ...edited.probe, vectors: [first!.map((value) => -value), ...rest] } };
    });
    expect(await differences()).toEqual([
      { file: expect.stringContaining('probe.json'), what: 'is not the probe of the manifest' },
      { file: expect.stringContaining('manifest.json'), what: expect.stringContaining('probe') },
    ]);
  });

  it('finds a model that is not the one of the version', async () => {
    const other = testEmbedder({ ...testSignature, prompts: { query: '', document: 'passage: ' } });
    expect(await differences(other)).toEqual([
      { file: expect.stringContaining('manifest.json'), what: expect.stringContaining('probe') },
    ]);
  });
});

describe('verify of a version that is stored by ranges', () => {
  const ranges = () => pathOf('test/versions/v1/ranges.json');

  beforeEach(async () => {
    rmSync(join(folder, 'out'), { recursive: true });
    manifest = await runJob(testProcess(), testJob(folder, { vectors: { precision: 'int8' } }));
    files = await listedFiles(openStore(join(folder, 'out')), manifest);
    expect(await differences()).toEqual([]);
  });

  it('finds a missing record of the ranges', async () => {
    rmSync(ranges());
    expect(await differences()).toEqual([{ file: `file://${ranges()}`, what: 'is missing' }]);
  });

  it('finds ranges that are not the record’s, nor the files’', async () => {
    const { min, max } = manifest.vectors!.ranges!;
    editManifest((edited) => ({
      ...edited,
      vectors: { precision: 'int8', ranges: { min, max: max.map((value) => 2 * value) } },
    }));
    const found = (await differences()).map(({ what }) => what);
    expect(found).toContain('`vectors` is not what the commits say');
    expect(found).toContain("is not stored as int8 by the manifest's ranges");
    expect(found).toContain('lists ranges that no rows reach in 16 dimensions');
  });

  it('finds ranges on which record, manifest and files agree but that no rows reach', async () => {
    // The records look as if a shard had been left out of the files, but not of the ranges.
    const least = Math.min(...manifest.vectors!.ranges!.min);
    const dimension = manifest.vectors!.ranges!.min.indexOf(least);
    editRecord(
      ranges(),
      (record) => JSON.parse(JSON.stringify(record).replaceAll(String(least), '-9')) as RangesRecord,
    );
    const { ranges: edited } = JSON.parse(readFileSync(ranges(), 'utf8')) as RangesRecord;
    expect(edited!.min[dimension]).toBe(-9);
    const vectorFiles = files.vectorFiles.map((part) =>
      restored(part, { precision: 'int8', ranges: edited }),
    );
    for (const { shard } of files.vectorFiles.map(({ firstKey }) => splitRowKey(BigInt(firstKey)))) {
      const path = pathOf(`test/versions/v1/commits/${shardName(shard)}.json`);
      editRecord(path, (commit: ShardCommit) => ({
        ...commit,
        vectorParts: commit.vectorParts.map(({ key }) => vectorFiles.find((part) => part.key === key)!),
      }));
    }
    const outputBytes = manifest.totals.outputBytes + sum(vectorFiles) - sum(files.vectorFiles);
    await editFirstManifest((made) => ({
      ...made,
      vectorFiles,
      vectors: { precision: 'int8', ranges: edited },
      totals: { ...made.totals, outputBytes },
    }));
    expect(await differences()).toEqual([
      {
        file: expect.stringContaining('manifest.json'),
        what: expect.stringContaining('lists ranges that no rows reach'),
      },
    ]);
  });

  /** Writes a vector file again with other ranges, and lists it as it is now. */
  function restored(part: VectorPartFile, encoding: VectorEncoding): VectorPartFile {
    const rows = readVectorFile(readFileSync(pathOf(part.key)), part.key);
    const { format: _format, ...footer } = rows.footer;
    const bytes = writeVectorFile({ ...rows, encoding }, footer);
    writeFileSync(pathOf(part.key), bytes);
    const { vectors, dimensions } = readVectorFile(bytes, part.key);
    return { ...part, ...vectorStatistics(vectors, dimensions), bytes: bytes.length, sha256: sha256(bytes) };
  }

  const sum = (parts: readonly VectorPartFile[]) => parts.reduce((total, { bytes }) => total + bytes, 0);
});
