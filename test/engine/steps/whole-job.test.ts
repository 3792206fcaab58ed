import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chunkId } from '../../../core/ids.js';
import type { JobRecord } from '../../../core/job-spec.js';
import { chunkDocuments } from '../../../engine/chunking/chunk-document.js';
import { readChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readVectorFile } from '../../../engine/parquet/vector-file.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { listedFiles } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { TEST_DIMENSIONS, testEmbedder, testFingerprint } from '../../support/test-embedder.js';
import { type CorpusLine, documents, testJob, writeCorpus } from '../../support/test-job.js';
import { testTokenizer } from '../../support/test-tokenizer.js';
import { runJob, testProcess } from '../../support/test-tools.js';

describe('a whole job, step by step', () => {
  it('leaves a version in which everything adds up', async () => {
    const folder = temporaryFolder();
    writeCorpus(folder, {
      'a.jsonl': [...documents(20, 25, 'a'), '{"broken"', { _id: 'empty', text: ' ' }],
      'b/c.jsonl': documents(15, 60, 'c'),
    });
    const process = testProcess();
    const job = testJob(folder);
    const manifest = await runJob(process, job);

    expect(manifest.totals).toMatchObject({ documents: 35, inputObjects: 2, truncatedChunks: 0 });
    expect(manifest.totals.shards).toBeGreaterThan(3);
    expect(manifest.rejects).toEqual({ BAD_JSON: 1, EMPTY_TEXT: 1 });
    const { store } = await process.open(job);
    const { chunkFiles, vectorFiles } = await listedFiles(store, manifest);
    const ids: string[] = [];
    for (const [index, part] of chunkFiles.entries()) {
      const { rows } = readChunkFile(await store.get(part.key), part.key);
      const vectors = readVectorFile(await store.get(vectorFiles[index]!.key), part.key);
      expect(rows.length).toBeLessThanOrEqual(4);
      expect(vectors.footer.fingerprint).toBe(testFingerprint);
      for (const [row, chunk] of rows.entries()) {
        ids.push(chunk.chunkId);
        expect(vectors.rowKeys[row]).toBe(chunk.rowKey);
        const expected = await testEmbedder().embed([chunk.text], { prompt: 'document' });
        const at = row * TEST_DIMENSIONS;
        expect(vectors.vectors.subarray(at, at + TEST_DIMENSIONS)).toEqual(expected.vectors);
      }
    }
    expect(ids).toHaveLength(manifest.totals.chunks);
    expect(ids).toEqual(await expectedIds(job, [...documents(20, 25, 'a'), ...documents(15, 60, 'c')]));
    expect(existsSync(join(folder, 'out/test/versions/v1/_SUCCESS'))).toBe(true);
    const version = await resolveVersion(store, { dataset: 'test', selector: 'current' });
    expect(version.manifest).toEqual(manifest);
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
  });

  it('run again changes nothing and writes nothing', async () => {
    const folder = temporaryFolder();
    writeCorpus(folder, { 'a.jsonl': documents(12) });
    const job = testJob(folder);
    const first = await runJob(testProcess(), job);
    const again = testProcess();
    expect(await runJob(again, job, undefined, 9999)).toEqual(first);
    expect(again.events).toEqual([]);
  });

  it('completes a corpus in which every document is rejected', async () => {
    const folder = temporaryFolder();
    writeCorpus(folder, { 'a.jsonl': ['not json', { _id: 'x' }] });
    const manifest = await runJob(testProcess(), testJob(folder));
    expect(manifest.totals).toMatchObject({ documents: 0, chunks: 0 });
    const version = await resolveVersion((await testProcess().open(testJob(folder))).store, {
      dataset: 'test',
      selector: 'v1',
    });
    expect(version.parts.length).toBe(0);
    expect(version.rejectFiles).toHaveLength(1);
    expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
  });
});

/** Returns the ids of the chunks of all documents when they are cut together. */
async function expectedIds(job: JobRecord, lines: readonly CorpusLine[]): Promise<string[]> {
  const all = lines.flatMap((line) =>
    typeof line === 'string' ? [] : [{ id: line._id!, text: line.text! }],
  );
  const chunks = await chunkDocuments(all, job.spec.chunking, testTokenizer);
  return chunks.flatMap((some, index) => some.map((chunk) => chunkId(all[index]!.id, chunk.index)));
}
