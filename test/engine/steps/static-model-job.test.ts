import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findModel } from '../../../engine/model/find/find-model.js';
import { readChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readVectorFile } from '../../../engine/parquet/vector-file.js';
import { listedFiles } from '../../support/listed-files.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';
import { STATIC_MODELS } from '../model/static/static-models.js';

/** Runs a job over long documents with a model, and returns what its chunks and vectors hold. */
async function jobWith(folder: string, source: string, chunking: object) {
  writeCorpus(folder, { 'a.jsonl': documents(4, 700), 'b.jsonl': documents(3, 5, 'the cat') });
  const model = await findModel({ source });
  const embedder = await model.open();
  const basic = testProcess({ embedder });
  const process = { ...basic, tools: { ...basic.tools, tokenizerOf: () => model.tokenizer() } };
  const job = testJob(folder, { model: { source }, chunking }, model.signature);
  const manifest = await runJob(process, job);
  const { store } = await process.open(job);
  const { chunkFiles, vectorFiles } = await listedFiles(store, manifest);
  const rows = [];
  for (const [index, part] of chunkFiles.entries()) {
    const vectorFile = vectorFiles[index]!;
    const { vectors, dimensions } = readVectorFile(await store.get(vectorFile.key), vectorFile.key);
    for (const [row, chunk] of readChunkFile(await store.get(part.key), part.key).rows.entries())
      rows.push({ chunk, vector: vectors.slice(row * dimensions, (row + 1) * dimensions) });
  }
  return { job, manifest, rows, embedder };
}

describe('a job with a static model', () => {
  it('cuts documents by the tokens of the model and gives each chunk the vector of its text', async () => {
    const source = join(STATIC_MODELS, 'float32');
    const { rows, manifest, embedder } = await jobWith(temporaryFolder(), source, { max_tokens: 64 });
    expect(manifest.totals).toMatchObject({ documents: 7, truncatedChunks: 0 });
    expect(rows.length).toBeGreaterThan(7);
    for (const { chunk, vector } of rows) {
      expect(chunk.nTokens).toBeLessThanOrEqual(64);
      expect(vector).toEqual((await embedder.embed([chunk.text])).vectors);
    }
  });

  it('cuts by the words of a text file, into 512 of them if nothing else is set', async () => {
    const folder = temporaryFolder();
    const source = join(folder, 'words.txt');
    writeFileSync(source, 'doc 1 0\ncat 0 1\nword3 0.5 0.5\n');
    const { job, rows, manifest } = await jobWith(folder, source, {});
    expect(job.spec.model.maxTokens).toBe(1_000_000);
    expect(job.spec.chunking.maxTokens).toBe(512);
    expect(manifest.totals).toMatchObject({ documents: 7, chunks: 11, truncatedChunks: 0 });
    expect(Math.max(...rows.map(({ chunk }) => chunk.nTokens))).toBeGreaterThan(300);
  });
});
