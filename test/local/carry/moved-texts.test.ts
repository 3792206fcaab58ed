import { expect, it } from 'vitest';
import { encodingOf } from '../../../core/manifest.js';
import { VECTOR_PRECISIONS } from '../../../core/vector-precision.js';
import { withLenders } from '../../../engine/reuse/open-lenders.js';
import { openStore } from '../../../engine/store/open-store.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { readLiveVectors } from '../../../engine/version/live-rows.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { runJobLocally } from '../../../local/run-job.js';
import { jobWithParent, runToEnd } from '../../support/nights-of-a-folder.js';
import { notingEmbedder } from '../../support/noting-embedder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { testProcess } from '../../support/test-tools.js';

/** Returns the values that the stored numbers of a version stand for, by their chunks. */
async function valuesOf(version: ReadableVersion): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const part of version.parts) {
    const { chunkIds, vectors, dimensions } = await readLiveVectors(version, part);
    for (const [row, id] of chunkIds.entries())
      values.set(id, vectors.subarray(row * dimensions, (row + 1) * dimensions).join());
  }
  return values;
}

it.each(VECTOR_PRECISIONS)(
  'a document under another id keeps its %s vector, which nothing computes again',
  async (precision) => {
    const folder = temporaryFolder();
    const more = { vectors: { precision } };
    const kept = documents(6, 25, 'kept');
    const [moved] = documents(1, 25, 'moved') as { _id: string; text: string }[];
    writeCorpus(folder, { 'a.jsonl': kept, 'b.jsonl': [moved!] });
    const parent = await runToEnd(testJob(folder, { version: 'n1', ...more }));
    const renamed = { ...moved!, _id: 'renamed' };
    writeCorpus(folder, { 'b.jsonl': [renamed, { _id: 'new', text: 'a new text of few words' }] });

    const texts: string[] = [];
    const noting = notingEmbedder(texts);
    const job = await jobWithParent(folder, 'n2', more);
    await runJobLocally(job, testProcess({ embedder: noting }).tools, new AbortController().signal).done;
    const version = await resolveVersion(openStore(job.spec.output), { dataset: 'test', selector: 'n2' });

    expect(texts.filter((text) => text.includes('word') || text.includes('few'))).toEqual([
      'a new text of few words',
    ]);
    expect(version.manifest.reused).toMatchObject({
      carried: 6,
      lent: { 'test@n1': 1 },
      repeated: 0,
      computed: 1,
    });
    expect(encodingOf(version.manifest)).toEqual(encodingOf(parent.manifest));
    const [before, after] = [await valuesOf(parent), await valuesOf(version)];
    expect(after.get('renamed#0')).toBe(before.get('moved-0#0'));
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
  },
);

it('a version that another dataset names lends the rows that it carries over, and none that died', async () => {
  const folder = temporaryFolder();
  const texts = documents(6, 15, 'kept');
  writeCorpus(folder, { 'a.jsonl': texts, 'b.jsonl': documents(2, 15, 'gone') });
  await runToEnd(testJob(folder, { version: 'n1' }));
  writeCorpus(folder, { 'b.jsonl': documents(3, 15, 'new') });
  const limits = { reject_share: 0.5, concurrency: 2, delete_documents: 100 };
  const carrying = await runToEnd(await jobWithParent(folder, 'n2', { limits }));
  expect(carrying.manifest.reused?.carried).toBe(6);
  writeCorpus(folder, { 'b.jsonl': [...documents(2, 15, 'gone'), ...documents(3, 15, 'new')] });
  const job = testJob(folder, { dataset: 'other', version: 'v1', reuse: ['test@n2'] });
  const { manifest } = await runToEnd(await withLenders(openStore(job.spec.output), job));
  expect(manifest.reused).toMatchObject({ lent: { 'test@n2': 9 }, computed: 2, carried: 0 });
});
