import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { exportVersion } from '../../../engine/export/export-version.js';
import { sha256 } from '../../../engine/files/hash.js';
import { readChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readVectorFile } from '../../../engine/parquet/vector-file.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { readLiveChunks, readLiveVectors } from '../../../engine/version/live-rows.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { filesBelow } from '../../cli/command-line.js';
import { keepRows } from '../../support/dead-rows.js';
import { CrashPlan, failingStore, SimulatedCrash } from '../../support/failing-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

interface Made {
  folder: string;
  version: ReadableVersion;
}

async function made(more: Record<string, unknown> = {}): Promise<Made> {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(14, 20) });
  await runJob(testProcess(), testJob(folder, more));
  const store = openStore(join(folder, 'out'));
  return { folder, version: await resolveVersion(store, { dataset: 'test', selector: 'v1' }) };
}

/** Makes a version: of its first part two rows live, of its second none, and of the rest all. */
async function withDeadRows(more: Record<string, unknown> = {}): Promise<Made> {
  const { folder, version } = await made(more);
  await keepRows(version.store, version.location, ({ start, end }, place) => {
    if (place === 1) return [];
    if (place > 1) return [{ start, end }];
    return [
      { start, end: start + 1 },
      { start: start + 2, end: start + 3 },
    ];
  });
  return { folder, version: await resolveVersion(version.store, { dataset: 'test', selector: 'v1' }) };
}

const write = (version: ReadableVersion, target: ObjectStore, signal = new AbortController().signal) =>
  exportVersion(version, target, { signal, onProgress: () => {} });

/** Returns the content of every chunk file and vector file of an export, in the order of names. */
function exported(target: string) {
  const filesOf = (folder: string) =>
    readdirSync(join(target, folder))
      .sort()
      .map((name) => ({ name, bytes: readFileSync(join(target, folder, name)) }));
  const vectors = filesOf('vectors').map(({ name, bytes }) => readVectorFile(bytes, name));
  return {
    chunks: filesOf('chunks').map(({ name, bytes }) => readChunkFile(bytes, name)),
    vectors,
    names: [filesOf('chunks'), filesOf('vectors')].map((files) => files.map(({ name }) => name)),
  };
}

test.each(['float16', 'int8'])(
  'an export has the live rows and no others, with the numbers of %s bit for bit',
  async (precision) => {
    const { folder, version } = await withDeadRows({ vectors: { precision } });
    const target = join(folder, 'export');
    const seen: number[] = [];
    const summary = await exportVersion(version, openStore(target), {
      signal: new AbortController().signal,
      onProgress: (done, total) => seen.push(done / total),
    });
    const { rows, length } = version.parts;
    expect(summary).toEqual({ rows, parts: length, written: 2 * length });
    expect(seen.at(-1)).toBe(1);
    const { chunks, vectors, names } = exported(target);
    expect(names[0]).toEqual(names[1]);
    for (const [at, part] of [...version.parts].entries()) {
      expect(chunks[at]!.rows).toEqual(await readLiveChunks(version, part));
      const { footer, ...others } = vectors[at]!;
      expect(await readLiveVectors(version, part)).toMatchObject(others);
      expect(footer.fingerprint).toBe(version.manifest.fingerprint);
    }
    const [first] = chunks;
    expect(first!.footer.tokens).toBe(String(first!.rows.reduce((sum, { nTokens }) => sum + nTokens, 0)));
    expect(readdirSync(target).sort()).toEqual(['_SUCCESS', 'chunks', 'export.json', 'vectors']);
    expect(await write(version, openStore(target))).toEqual({ ...summary, written: 0 });
  },
);

test('parts whose rows all live are copied byte for byte', async () => {
  const { folder, version } = await made();
  const target = join(folder, 'export');
  await write(version, openStore(target));
  const copies = Object.values(await filesBelow(target));
  for (const { chunks, vectors } of version.parts)
    for (const { sha256: hash } of [chunks, vectors]) expect(copies).toContain(hash);
});

test('an export that dies before or after any of its writes goes on, and shows when it is complete', async () => {
  const { folder, version } = await withDeadRows();
  const whole = join(folder, 'whole');
  const plan = new CrashPlan(() => false);
  await write(version, failingStore(openStore(whole), plan));
  const relative = async (target: string) =>
    Object.entries(await filesBelow(target)).map(([path, hash]) => [path.slice(target.length), hash]);
  const complete = (await relative(whole)).sort();
  const writes = plan.points.filter((point) => point.startsWith('put:'));
  expect(writes).toHaveLength(2 * (2 * version.parts.length + 2));
  for (const [index, here] of writes.entries()) {
    const target = join(folder, `crash-${index}`);
    const store = openStore(target);
    const puts = vi.spyOn(store, 'put');
    const dying = failingStore(store, new CrashPlan((point) => point === here));
    await expect(write(version, dying)).rejects.toThrow(SimulatedCrash);
    // Writes that were under way beside the one that died end before the next export begins.
    await Promise.allSettled(puts.mock.results.map(({ value }) => value));
    const isComplete = here === 'put:after:_SUCCESS';
    expect((await openStore(target).head('_SUCCESS')) !== undefined).toBe(isComplete);
    await write(version, openStore(target));
    expect((await relative(target)).sort()).toEqual(complete);
  }
});

test('an export that is stopped writes no _SUCCESS', async () => {
  const { folder, version } = await made();
  const target = openStore(join(folder, 'export'));
  await expect(write(version, target, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await target.head('_SUCCESS')).toBeUndefined();
});

test('nothing is written to a place that holds something else, or lies in the dataset', async () => {
  const { folder, version } = await made();
  const other = await withDeadRows();
  const at = (...names: string[]) => join(folder, ...names);
  mkdirSync(at('taken', 'deep'), { recursive: true });
  writeFileSync(at('taken', 'deep', 'file'), 'a file');
  writeFileSync(at('a-file'), 'a file');
  await write(other.version, openStore(at('other')));
  symlinkSync(at('out', 'test'), at('link'));
  const before = await filesBelow(folder);
  for (const [place, code] of [
    [at('taken'), 'OUTPUT_EXISTS'],
    [at('other'), 'OUTPUT_EXISTS'],
    [at('out'), 'OUTPUT_EXISTS'],
    [at('out', 'test'), 'USAGE'],
    [at('out', 'test', 'exports', 'v1'), 'USAGE'],
    [at('link', 'exports'), 'USAGE'],
  ])
    await expect(write(version, openStore(place!)), place).rejects.toMatchObject({ code });
  await expect(write(version, openStore(at('a-file')))).rejects.toMatchObject({ code: /^STORE_|^OUTPUT_/ });
  expect(await filesBelow(folder)).toEqual(before);
});

test('a file of another content in the place of a part is never overwritten, and ends the export', async () => {
  const { folder, version } = await withDeadRows();
  for (const at of [0, 1]) {
    const target = join(folder, `export-${at}`);
    const dying = new CrashPlan((point) => point.startsWith('put:after:chunks/'));
    await expect(write(version, failingStore(openStore(target), dying))).rejects.toThrow(SimulatedCrash);
    const part = version.parts.at(at)!.chunks;
    const name = `chunks/00000000-${part.key.split('/').at(-1)}`;
    writeFileSync(join(target, name), 'something else');
    await expect(write(version, openStore(target))).rejects.toMatchObject({
      code: 'PART_CONFLICT',
      file: expect.stringContaining(name),
    });
    expect(readFileSync(join(target, name), 'utf8')).toBe('something else');
    expect(await openStore(target).head('_SUCCESS')).toBeUndefined();
  }
});

test('a damaged file of the version is not exported', async () => {
  const { folder, version } = await made();
  const { key } = version.parts.at(1)!.vectors;
  const bytes = await version.store.get(key);
  bytes[9]! ^= 1;
  await version.store.put(key, bytes);
  expect(sha256(bytes)).not.toBe(version.parts.at(1)!.vectors.sha256);
  const target = openStore(join(folder, 'export'));
  await expect(write(version, target)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  expect(await target.head('_SUCCESS')).toBeUndefined();
});

test('a version without rows becomes files without rows, which have all columns', async () => {
  const { folder, version } = await made();
  await keepRows(version.store, version.location, () => []);
  const target = join(folder, 'export');
  const empty = await resolveVersion(version.store, { dataset: 'test', selector: 'v1' });
  expect(await write(empty, openStore(target))).toEqual({ rows: 0, parts: 0, written: 2 });
  const { chunks, vectors } = exported(target);
  expect([chunks.length, chunks[0]!.rows, vectors.length, vectors[0]!.chunkIds]).toEqual([1, [], 1, []]);
});
