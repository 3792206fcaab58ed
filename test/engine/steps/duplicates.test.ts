import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readRejectFile } from '../../../engine/parquet/reject-file.js';
import { findDuplicates } from '../../../engine/steps/find-duplicates.js';
import { listedFiles } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type CorpusLine, documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, scanVersion, startVersion, testProcess, testRun } from '../../support/test-tools.js';

/** Returns the texts that are kept for an id, over the whole version. */
async function textsOf(folder: string, files: Record<string, readonly CorpusLine[]>) {
  writeCorpus(folder, files);
  const job = testJob(folder, { limits: { reject_share: 1 } });
  const process = testProcess();
  const manifest = await runJob(process, job);
  const { store } = await process.open(job);
  const { chunkFiles, rejectFiles } = await listedFiles(store, manifest);
  const texts = new Map<string, string[]>();
  for (const { key } of chunkFiles) {
    for (const { docId, text } of readChunkFile(await store.get(key), key).rows) {
      texts.set(docId, [...(texts.get(docId) ?? []), text]);
    }
  }
  const rejects = [];
  for (const { key } of rejectFiles) rejects.push(...readRejectFile(await store.get(key), key).rejects);
  return { manifest, texts, rejects };
}

it('the first of several documents with one id in one shard is kept, and the others are quarantined at their places', async () => {
  const folder = temporaryFolder();
  const { manifest, texts, rejects } = await textsOf(folder, {
    'a.jsonl': [
      { _id: 'x', text: 'first' },
      '{"broken"',
      { _id: 'x', text: 'second' },
      { _id: 'y', text: 'other' },
      { _id: 'x', text: 'third' },
    ],
  });
  expect(texts).toEqual(
    new Map([
      ['x', ['first']],
      ['y', ['other']],
    ]),
  );
  expect(manifest.rejects).toEqual({ BAD_JSON: 1, DUPLICATE_ID: 2 });
  expect(manifest.totals.documents).toBe(2);
  expect(rejects.map(({ code, ordinal, id }) => [code, ordinal, id])).toEqual([
    ['BAD_JSON', 1, undefined],
    ['DUPLICATE_ID', 2, 'x'],
    ['DUPLICATE_ID', 4, 'x'],
  ]);
  expect(rejects[1]!.position).toEqual({
    uri: `file://${join(folder, 'corpus/a.jsonl')}`,
    unit: 'byte',
    at: '{"_id":"x","text":"first"}\n{"broken"\n'.length,
  });
});

it('the first in corpus order is kept over all shards, whatever the order in which they are chunked', async () => {
  const folder = temporaryFolder();
  const { manifest, texts } = await textsOf(folder, {
    'a.jsonl': [...documents(12, 20, 'a'), { _id: 'x', text: 'of a' }],
    'b.jsonl': [{ _id: 'x', text: 'of b' }, ...documents(12, 20, 'b'), { _id: 'a-3', text: 'of b' }],
    'c.jsonl': [
      { _id: 'b-7', text: 'of c' },
      { _id: 'x', text: 'of c' },
    ],
  });
  expect(manifest.totals.shards).toBeGreaterThan(2);
  expect(texts.get('x')).toEqual(['of a']);
  expect(texts.get('a-3')).toHaveLength(1);
  expect(texts.get('b-7')![0]).toContain('b 7');
  expect(manifest.rejects).toEqual({ DUPLICATE_ID: 4 });
  expect(manifest.totals.documents).toBe(25);
});

it('the first in corpus order is kept over more shards than are read at once', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, file) => {
      const name = String(file).padStart(2, '0');
      return [`${name}.jsonl`, [{ _id: 'x', text: `of ${name}` }, ...documents(8, 30, name)]];
    }),
  );
  const { manifest, texts } = await textsOf(temporaryFolder(), files);
  expect(manifest.totals.shards).toBeGreaterThan(32);
  expect(texts.get('x')).toEqual(['of 00']);
  expect(manifest.rejects).toEqual({ DUPLICATE_ID: 39 });
});

it('the duplicates of all ranges of the id space together are those of the whole space', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(40, 3), 'b.jsonl': documents(25, 3) });
  const process = testProcess();
  const version = await startVersion(process, testJob(folder));
  await scanVersion(process, version, testRun());
  const counts = [];
  for (const range of [
    { from: 0, to: 90 },
    { from: 90, to: 91 },
    { from: 91, to: 256 },
  ]) {
    counts.push(await findDuplicates(version, range, testRun()));
  }
  expect(counts.reduce((sum, count) => sum + count)).toBe(25);
  expect(await findDuplicates(version, { from: 0, to: 256 }, testRun())).toBe(25);
});

it('a document without an id is not a duplicate of another one without an id', async () => {
  const { manifest } = await textsOf(temporaryFolder(), {
    'a.jsonl': [{ text: 'one' }, { text: 'two' }, { _id: 'x', text: 'three' }],
  });
  expect(manifest.rejects).toEqual({ MISSING_ID: 2 });
});
