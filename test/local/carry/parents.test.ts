import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { encodingOf, type SecondManifest } from '../../../core/manifest.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { findParent } from '../../../engine/version/find-parent.js';
import { runJobLocally } from '../../../local/run-job.js';
import { editRecord } from '../../support/edit-record.js';
import { listedFiles, writeFirstManifest } from '../../support/listed-files.js';
import { jobWithParent, runToEnd } from '../../support/nights-of-a-folder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { testProcess } from '../../support/test-tools.js';

let folder: string;
const at = (...names: string[]) => join(folder, 'out', 'test', ...names);

beforeEach(async () => {
  folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(12, 25, 'a'), 'b.jsonl': documents(12, 25, 'b') });
});

async function fails(job: Awaited<ReturnType<typeof jobWithParent>>, code: string) {
  const { done } = runJobLocally(job, testProcess().tools, new AbortController().signal);
  await expect(done).rejects.toMatchObject({ code });
  expect(existsSync(at('versions', 'n2', 'chunks'))).toBe(false);
  expect(JSON.parse(readFileSync(at('refs', 'current.json'), 'utf8'))).toMatchObject({ version: 'n1' });
}

it.each(['chunkFiles', 'vectorFiles'] as const)(
  'one of the %s that is gone, cut off or changed stops the night',
  async (kind) => {
    const first = await runToEnd(await jobWithParent(folder, 'n1'));
    const { key } = (await listedFiles(openStore(testJob(folder).spec.output), first.manifest))[kind].at(-1)!;
    const file = join(folder, 'out', key);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(1));
    await fails(await jobWithParent(folder, 'n2'), 'CHECKSUM_MISMATCH');
    const changed = Buffer.from(bytes);
    changed[40]! ^= 1;
    writeFileSync(file, changed);
    const later = Date.now() / 1000 + 60;
    utimesSync(file, later, later);
    await fails(await jobWithParent(folder, 'n2'), 'CHECKSUM_MISMATCH');
    rmSync(file);
    await fails(await jobWithParent(folder, 'n2'), 'OBJECT_NOT_FOUND');
    // What was restored is later than the manifest, and is what the parent lists.
    writeFileSync(file, bytes);
    utimesSync(file, later, later);
    const second = await runToEnd(await jobWithParent(folder, 'n2'));
    expect((await verifyVersion(second, testEmbedder())).differences).toEqual([]);
  },
);

it('a parent that was made anew after the job was prepared stops the job', async () => {
  await runToEnd(await jobWithParent(folder, 'n1'));
  const job = await jobWithParent(folder, 'n2');
  const manifest = at('versions', 'n1', 'manifest.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"finishedAt": 1', '"finishedAt": 2'));
  await fails(job, 'CHECKSUM_MISMATCH');
});

it.each<[string, (manifest: SecondManifest) => SecondManifest]>([
  ['does not name the versions of its files', (manifest) => ({ ...manifest, origins: [] })],
  [
    'lists no vector files',
    ({ lists, ...others }) => {
      const dense = { ...lists.outputs.dense, pieces: [] };
      return { ...others, lists: { ...lists, outputs: { dense } } };
    },
  ],
])('a parent whose manifest %s stops the job', async (_, change) => {
  await runToEnd(await jobWithParent(folder, 'n1'));
  const path = at('versions', 'n1', 'manifest.json');
  editRecord(path, change);
  await fails(await jobWithParent(folder, 'n2'), 'FILE_DAMAGED');
});

it('a parent that is not there is refused by name', async () => {
  const job = testJob(folder, { parent: 'gone' });
  await expect(findParent(openStore(job.spec.output), job)).rejects.toMatchObject({
    code: 'VERSION_NOT_FOUND',
    message: expect.stringContaining('test@gone'),
  });
});

it.each([
  ['chunking', { chunking: { strategy: 'fixed', max_tokens: 16 } }],
  ['input options', { input: { uri: './corpus', include: ['?.jsonl'] } }],
  ['the precision of vectors', { vectors: { precision: 'float16' } }],
  ['no parent', { parent: 'none' }],
])('another version of %s carries nothing over', async (_, more) => {
  await runToEnd(await jobWithParent(folder, 'n1'));
  const job = await jobWithParent(folder, 'n2', more);
  expect(job).toMatchObject({ formatVersion: 1 });
  expect(job).not.toHaveProperty('carry');
  const { manifest } = await runToEnd(job);
  expect(manifest).toMatchObject({ origins: ['n2'], nextShard: manifest.totals.shards });
});

it('a parent of the first format lists no documents, so that all are read', async () => {
  await runToEnd(await jobWithParent(folder, 'n1'));
  const { output } = testJob(folder).spec;
  await writeFirstManifest(openStore(output), { dataset: 'test', version: 'n1' });
  expect(await jobWithParent(folder, 'n2')).toMatchObject({ formatVersion: 1, parent: 'n1' });
});

it('int8 is written under the ranges of the parent', async () => {
  const more = { vectors: { precision: 'int8' } };
  const first = await runToEnd(await jobWithParent(folder, 'n1', more));
  writeCorpus(folder, { 'c.jsonl': documents(9, 60, 'c') });
  const second = await runToEnd(await jobWithParent(folder, 'n2', more));
  expect(encodingOf(second.manifest)).toEqual(encodingOf(first.manifest));
  expect(second.manifest.totals).toMatchObject({ documents: 33 });
  expect((await verifyVersion(second, testEmbedder())).differences).toEqual([]);
});

it('vectors of another space than the parent has are not mixed with its rows', async () => {
  await runToEnd(await jobWithParent(folder, 'n1'));
  const manifest = at('versions', 'n1', 'manifest.json');
  editRecord(manifest, ({ probe, ...record }: SecondManifest) => {
    const vectors = probe.vectors.map((row) => row.map((value) => -value));
    return { ...record, probe: { ...probe, vectors } };
  });
  const second = await runToEnd(await jobWithParent(folder, 'n2'));
  expect(second.manifest).toMatchObject({ origins: ['n2'], totals: { documents: 24 } });
  expect((await verifyVersion(second, testEmbedder())).differences).toEqual([]);
});

it('a version that would delete much of its parent stops, and lists the input again', async () => {
  writeCorpus(folder, { 'c.jsonl': documents(30, 25, 'c') });
  await runToEnd(await jobWithParent(folder, 'n1'));
  const c = readFileSync(join(folder, 'corpus', 'c.jsonl'));
  rmSync(join(folder, 'corpus', 'c.jsonl'));
  const job = await jobWithParent(folder, 'n2');
  await fails(job, 'DELETES_EXCEEDED');
  const message = expect.stringMatching(
    /would delete 30 of the 54 documents of its parent \(55\.6%\): 30 documents below file:.*\/corpus\//,
  );
  const { done } = runJobLocally(job, testProcess().tools, new AbortController().signal);
  await expect(done).rejects.toMatchObject({ code: 'DELETES_EXCEEDED', message });
  const allowed = { ...job, spec: { ...job.spec, limits: { ...job.spec.limits, allowDeletes: 29 } } };
  await fails(allowed, 'DELETES_EXCEEDED');
  // The object has come back.
  writeFileSync(join(folder, 'corpus', 'c.jsonl'), c);
  const second = await runToEnd(job);
  expect(second.manifest.totals).toMatchObject({ documents: 54 });
  rmSync(join(folder, 'corpus', 'c.jsonl'));
  const third = await jobWithParent(folder, 'n3');
  const last = await runToEnd({
    ...third,
    spec: { ...third.spec, limits: { ...third.spec.limits, allowDeletes: 30 } },
  });
  expect(last.manifest.totals).toMatchObject({ documents: 24 });
});

/** Gives each document another id in another column. */
function writeOtherIds(): void {
  for (const name of ['a', 'b']) {
    const path = join(folder, 'corpus', `${name}.jsonl`);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replaceAll(/"_id":"([^"]+)"/g, '"_id":"$1","other":"new-$1"'),
    );
  }
}

it.each([
  ['other chunking', { chunking: { strategy: 'fixed', max_tokens: 16 } }],
  ['another column for ids', { input: { uri: './corpus', columns: { id: 'other' } } }],
])('a version of %s that would delete much of its parent stops, too', async (name, more) => {
  await runToEnd(await jobWithParent(folder, 'n1'));
  if (name === 'other chunking') rmSync(join(folder, 'corpus', 'b.jsonl'));
  else writeOtherIds();
  const job = await jobWithParent(folder, 'n2', more);
  expect(job).not.toHaveProperty('carry');
  await fails(job, 'DELETES_EXCEEDED');
  const allowed = { ...job, spec: { ...job.spec, limits: { ...job.spec.limits, allowDeletes: 24 } } };
  const version = await runToEnd(allowed);
  expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
});

it.each(['documents', 'slices'])('a damaged list of %s names the way without the parent', async (list) => {
  await runToEnd(await jobWithParent(folder, 'n1'));
  const file = at('versions', 'n1', 'lists', `${list}-00000.parquet`);
  const bytes = readFileSync(file);
  bytes[10]! ^= 1;
  writeFileSync(file, bytes);
  writeCorpus(folder, { 'c.jsonl': documents(2, 25, 'c') });
  const { done } = runJobLocally(
    await jobWithParent(folder, 'n2'),
    testProcess().tools,
    new AbortController().signal,
  );
  const remedy = expect.stringContaining('`parent: none`');
  await expect(done).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', remedy });
});
