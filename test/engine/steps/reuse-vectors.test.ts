import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobRecord } from '../../../core/job-spec.js';
import type { SecondManifest } from '../../../core/manifest.js';
import { encodeVectors } from '../../../core/vector-encoding.js';
import { VECTOR_PRECISIONS } from '../../../core/vector-precision.js';
import { sha256 } from '../../../engine/files/hash.js';
import type { Embedder } from '../../../engine/model/embedder.js';
import { readVectorFile } from '../../../engine/parquet/vector-file.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { keepRows } from '../../support/dead-rows.js';
import { editRecord } from '../../support/edit-record.js';
import { writeFirstManifest } from '../../support/listed-files.js';
import { notingEmbedder } from '../../support/noting-embedder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

const PROBES = 3;

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(7, 25, 'a'), 'b.jsonl': documents(5, 25, 'b') });
});

const jobOf = (version: string, parent: string | null, precision = 'float32'): JobRecord => ({
  ...testJob(folder, { version, ref: 'none', vectors: { precision } }),
  parent,
});
const store = () => openStore(join(folder, 'out'));
const open = (version: string) => resolveVersion(store(), { dataset: 'test', selector: version });

/** Runs a job, and returns its manifest and the texts that were computed beside the probe. */
async function run(job: JobRecord, embedder?: Embedder) {
  const texts: string[] = [];
  const manifest = await runJob(testProcess({ embedder: notingEmbedder(texts, embedder) }), job);
  return { manifest, computed: texts.length - PROBES };
}

/** Returns the stored bytes of each vector of a version, by its chunk. */
async function storedById({ parts }: ReadableVersion) {
  const byId = new Map<string, string>();
  for (const { vectors: file } of parts) {
    const { chunkIds, vectors, dimensions, encoding } = readVectorFile(await store().get(file.key), file.key);
    const values = encodeVectors(vectors, dimensions, encoding);
    const width = values.length / chunkIds.length;
    for (const [row, id] of chunkIds.entries())
      byId.set(id, values.subarray(row * width, (row + 1) * width).join());
  }
  return byId;
}

describe('a version whose parent has the same model', () => {
  it('computes only the texts that its parent does not have', async () => {
    const parent = await run(jobOf('v1', null));
    expect(parent.manifest.reused).toBeUndefined();
    writeCorpus(folder, { 'a.jsonl': [...documents(3, 25, 'new'), ...documents(7, 25, 'a')] });
    const { manifest, computed } = await run(jobOf('v2', 'v1'));
    const { chunks } = manifest.totals;
    expect(computed).toBe(chunks - parent.manifest.totals.chunks);
    expect(manifest.reused).toEqual({
      repeated: 0,
      lent: { 'test@v1': chunks - computed },
      computed,
      carried: 0,
      lentBytes: (chunks - computed) * 16 * 4,
    });
    await run({ ...jobOf('v3', null), recompute: true });
    expect(await storedById(await open('v2'))).toEqual(await storedById(await open('v3')));
    expect((await verifyVersion(await open('v2'), testEmbedder())).differences).toEqual([]);
  });

  it.each([1, 2])('reads the texts of vector files where format %i lists none', async (format) => {
    const parent = await run(jobOf('v1', null));
    if (format === 1) await writeFirstManifest(store(), { dataset: 'test', version: 'v1' });
    else {
      const path = join(folder, 'out/test/versions/v1/manifest.json');
      editRecord(path, (manifest: SecondManifest) => {
        const { texts: _, ...corpus } = manifest.lists.corpus!;
        return { ...manifest, lists: { ...manifest.lists, corpus } };
      });
    }
    const { manifest, computed } = await run(jobOf('v2', 'v1'));
    expect(computed).toBe(0);
    expect(manifest.reused?.lent).toEqual({ 'test@v1': parent.manifest.totals.chunks });
  });

  it('is lent only what lives in its parent', async () => {
    const parent = await run(jobOf('v1', null));
    let dead = 0;
    await keepRows(store(), { dataset: 'test', version: 'v1' }, ({ start, end }) => {
      dead += 1;
      return start + 1 < end ? [{ start: start + 1, end }] : [];
    });
    const { manifest, computed } = await run(jobOf('v2', 'v1'));
    expect(computed).toBe(dead);
    expect(manifest.reused?.lent).toEqual({ 'test@v1': parent.manifest.totals.chunks - dead });
  });

  it('computes everything where the parent is of another model, is gone, or never was', async () => {
    const other = { ...testEmbedder().signature, pooling: ['cls' as const] };
    const foreign = { ...testJob(folder, { version: 'v1', ref: 'none' }, other) };
    await runJob(testProcess({ embedder: testEmbedder(other) }), foreign);
    for (const [version, parent] of [
      ['v2', 'v1'],
      ['v3', 'never'],
    ] as const) {
      const { manifest, computed } = await run(jobOf(version, parent));
      expect(computed).toBe(manifest.totals.chunks);
      expect(manifest.reused).toBeUndefined();
    }
  });

  it('computes everything where the model answers otherwise than it did', async () => {
    await run(jobOf('v1', null));
    const embedder = testEmbedder();
    const changed: Embedder = {
      ...embedder,
      embed: async (texts, options) => {
        const answer = await embedder.embed(texts, options);
        return { ...answer, vectors: answer.vectors.map((value, at) => (at % 16 === 0 ? -value : value)) };
      },
    };
    const { manifest, computed } = await run(jobOf('v2', 'v1'), changed);
    expect(computed).toBe(manifest.totals.chunks);
    expect(manifest.reused).toBeUndefined();
  });

  it('refuses a damaged file of its parent by name, and computes nothing in its place', async () => {
    await run(jobOf('v1', null));
    const [part] = [...(await open('v1')).parts];
    const path = join(folder, 'out', part!.vectors.key);
    const bytes = readFileSync(path);
    bytes[40]! ^= 1;
    writeFileSync(path, bytes);
    const texts: string[] = [];
    const running = runJob(testProcess({ embedder: notingEmbedder(texts) }), jobOf('v2', 'v1'));
    await expect(running).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      file: `file://${path}`,
      remedy: expect.stringContaining('takes vectors from test@v1'),
    });
    expect(texts).toHaveLength(PROBES);
  });
});

describe('a version that names others', () => {
  const named = async (version: string) => ({
    dataset: 'test',
    version,
    manifestSha256: sha256(await store().get(`test/versions/${version}/manifest.json`)),
  });

  it('takes a text from its parent first, and then from them in their order', async () => {
    await run(jobOf('v1', null));
    writeCorpus(folder, { 'c.jsonl': documents(3, 25, 'c') });
    await run(jobOf('v2', null));
    writeCorpus(folder, { 'd.jsonl': documents(2, 25, 'd') });
    await run(jobOf('v3', null));
    writeCorpus(folder, { 'e.jsonl': documents(1, 25, 'e') });
    const job = { ...jobOf('v4', 'v1'), reuse: [await named('v3'), await named('v2'), await named('v1')] };
    const { manifest, computed } = await run(job);
    expect(computed).toBe(1);
    expect(manifest.reused?.lent).toEqual({ 'test@v1': 12, 'test@v3': 5 });
  });

  it('stops where one of them was made anew, or is gone', async () => {
    await run(jobOf('v1', null));
    const anew = {
      ...jobOf('v2', null),
      reuse: [{ ...(await named('v1')), manifestSha256: '0'.repeat(64) }],
    };
    await expect(run(anew)).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      file: `${store().root}/test/versions/v1/manifest.json`,
    });
    const gone = { ...jobOf('v3', null), reuse: [{ ...(await named('v1')), version: 'v9' }] };
    await expect(run(gone)).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
  });
});

describe.each(VECTOR_PRECISIONS)('a version that stores %s', (precision) => {
  it('has the numbers that it would have without a parent, whatever the parent stores', async () => {
    const parents = new Set(['float32', precision]);
    for (const parent of parents) await run(jobOf(`of-${parent}`, null, parent));
    writeCorpus(folder, { 'b.jsonl': [...documents(2, 25, 'c'), ...documents(4, 25, 'b')] });
    await run({ ...jobOf('full', null, precision), recompute: true });
    const expected = await storedById(await open('full'));
    for (const parent of parents) {
      const { manifest, computed } = await run(jobOf(`from-${parent}`, `of-${parent}`, precision));
      expect(await storedById(await open(`from-${parent}`))).toEqual(expected);
      // A full version takes new ranges, which the numbers of int8 and uint8 do not fit.
      const isLent = parent === 'float32' || !['int8', 'uint8'].includes(precision);
      expect(computed).toBe(isLent ? 2 : manifest.totals.chunks);
    }
  });
});

describe('a version that was interrupted', () => {
  it('says of its vectors what an undisturbed one says, and pays only for what it computes', async () => {
    await run(jobOf('v1', null));
    writeCorpus(folder, { 'b.jsonl': [...documents(2, 25, 'c'), ...documents(5, 25, 'b')] });
    cpSync(join(folder, 'out'), join(folder, 'undisturbed'), { recursive: true });
    const { spec, ...others } = jobOf('v2', 'v1');
    const undisturbed = { ...others, spec: { ...spec, output: `file://${join(folder, 'undisturbed')}` } };
    const { manifest: expected } = await run(undisturbed);
    let written = 0;
    const stopping = testProcess({
      onPart: ({ event, stage }) => {
        if (event === 'part.written' && stage === 'embed' && ++written === 2) throw new Error('stopped');
      },
    });
    await expect(runJob(stopping, jobOf('v2', 'v1'))).rejects.toThrow('stopped');
    const charging = testEmbedder();
    const texts: string[] = [];
    const { manifest } = await run(jobOf('v2', 'v1'), {
      ...charging,
      embed: async (given, options) => {
        const answer = await charging.embed(given, options);
        if (given[0]?.startsWith('c ')) texts.push(...given);
        return { ...answer, billedTokens: given.length };
      },
    });
    expect(manifest.reused).toEqual(expected.reused);
    const billed = [...(await open('v2')).parts].map(({ vectors }) => vectors.billedTokens ?? 0);
    expect(billed.reduce((sum, tokens) => sum + tokens, 0)).toBe(texts.length);
    expect(texts.length).toBeLessThanOrEqual(2);
  });
});

describe('a text that several chunks have', () => {
  it('is computed once in each part', async () => {
    const same = (id: number) => ({ _id: `same-${id}`, text: 'the same words in every document' });
    writeCorpus(folder, { 'a.jsonl': Array.from({ length: 10 }, (_, id) => same(id)), 'b.jsonl': [] });
    const job = jobOf('v1', null);
    const { manifest, computed } = await run(job);
    const parts = [...(await open('v1')).parts].length;
    expect(computed).toBe(parts);
    expect(manifest.reused).toEqual({
      repeated: 10 - parts,
      lent: {},
      computed: parts,
      carried: 0,
      lentBytes: 0,
    });
    const vectors = [...(await storedById(await open('v1'))).values()];
    expect(new Set(vectors).size).toBe(1);
    expect((await verifyVersion(await open('v1'), testEmbedder())).differences).toEqual([]);
  });
});
