import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { verifyVersion, verifyVersionQuickly } from '../../../engine/verify/verify-version.js';
import { readLiveChunks, readLiveVectors } from '../../../engine/version/live-rows.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { jobWithParent, runToEnd } from '../../support/nights-of-a-folder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** Runs a night of the corpus as it is. */
async function night(version: string, more: Record<string, unknown> = {}): Promise<ReadableVersion> {
  return runToEnd(await jobWithParent(folder, version, more));
}

/** Returns the rows of a version by the ids of their chunks, without their keys. */
async function rowsOf(version: ReadableVersion) {
  const rows = new Map<string, unknown>();
  for (const part of version.parts) {
    const chunks = await readLiveChunks(version, part);
    const { vectors, dimensions } = await readLiveVectors(version, part);
    for (const [row, { rowKey: _, ...chunk }] of chunks.entries())
      rows.set(chunk.chunkId, {
        ...chunk,
        vector: [...vectors.subarray(row * dimensions, (row + 1) * dimensions)],
      });
  }
  return Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Checks that a version is what a full run over the same corpus gives. */
async function isFull(version: ReadableVersion, more: Record<string, unknown> = {}): Promise<void> {
  const full = testJob(folder, { output: `./full-${version.location.version}`, ...more });
  const expected = await runToEnd(full);
  expect(await rowsOf(version)).toEqual(await rowsOf(expected));
  const {
    documents: count,
    chunks,
    tokens,
    truncatedChunks,
    inputObjects,
    inputBytes,
  } = version.manifest.totals;
  expect(expected.manifest.totals).toMatchObject({
    documents: count,
    chunks,
    tokens,
    truncatedChunks,
    inputObjects,
    inputBytes,
  });
  expect(version.manifest.rejects).toEqual(expected.manifest.rejects);
  expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
  expect((await verifyVersionQuickly(version)).differences).toEqual([]);
}

describe('a version that carries rows over', () => {
  it('is what a full run gives, after each kind of change', async () => {
    writeCorpus(folder, {
      'a.jsonl': [...documents(20, 25, 'a'), '{"broken"', { _id: 'a-3', text: 'a duplicate' }],
      'b.jsonl': documents(15, 60, 'b'),
      'c.jsonl': documents(15, 40, 'c'),
    });
    await isFull(await night('n1'));
    // Nothing has changed.
    const second = await night('n2');
    expect(second.job).toMatchObject({ formatVersion: 2, parent: 'n1', carry: { version: 'n1' } });
    await isFull(second);
    // Documents are edited, deleted and added, and one object is new.
    writeCorpus(folder, {
      'b.jsonl': [...documents(14, 60, 'b').slice(1), { _id: 'b-5b', text: 'new' }],
      'bb.jsonl': [
        { _id: 'a-4', text: 'repeats an id of a.jsonl' },
        { _id: 'bb', text: 'one more' },
      ],
    });
    await isFull(await night('n3'));
    // The first holder of a-4 goes, so that the one of an object that has not changed is read.
    writeCorpus(folder, { 'a.jsonl': documents(4, 25, 'a') });
    await isFull(await night('n4', { limits: { reject_share: 0.5, concurrency: 2, delete_documents: 100 } }));
    // An earlier holder appears for a document of an object that has not changed.
    writeCorpus(folder, { '0.jsonl': [{ _id: 'c-7', text: 'earlier' }] });
    await isFull(await night('n5'));
    rmSync(join(folder, 'corpus', 'a.jsonl'));
    await isFull(await night('n6'));
    writeFileSync(join(folder, 'corpus', 'z.jsonl'), '{"_id": "z", "text": "last"}\n');
    await isFull(await night('n7'));
  });
});
