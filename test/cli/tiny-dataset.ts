import { join } from 'node:path';
import type { Manifest } from '../../core/manifest.js';
import { openEmbedder } from '../../engine/model/find/find-model.js';
import { loadTokenizer } from '../../engine/tokenizer/hugging-face-tokenizer.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { listedFiles } from '../support/listed-files.js';
import { type CorpusLine, testJob, writeCorpus } from '../support/test-job.js';
import { runJob, type TestProcess, testProcess } from '../support/test-tools.js';

/** Documents made of letters, which are the words of the tiny model. */
export const LETTERS: readonly CorpusLine[] = [
  { _id: 'first', title: 'One', text: 'a b c' },
  { _id: 'second', title: 'Two', text: 'x y z' },
  { _id: 'third', text: 'k l m n o p' },
];

interface TinyOptions {
  lines?: readonly CorpusLine[];
  /** Settings of the job other than the defaults. */
  job?: Record<string, unknown>;
  /** The model's token limit in the job. */
  maxTokens?: number;
  /** Further settings of the model in the job. */
  choice?: { dimensions?: number; prompts?: { query: string; document: string } };
}

/** Writes the tiny model to `<folder>/model` and embeds `lines` with it into `<folder>/out`. */
export async function tinyDataset(
  folder: string,
  { lines = LETTERS, job: more = {}, maxTokens = 16, choice = {} }: TinyOptions = {},
): Promise<{
  manifest: Manifest;
  files: Awaited<ReturnType<typeof listedFiles>>;
  process: TestProcess;
  output: string;
  model: string;
}> {
  const model = join(folder, 'model');
  await writeTinyModel(model);
  writeCorpus(folder, { 'corpus.jsonl': lines });
  const embedder = await openEmbedder({ source: model, sessions: 1, maxTokens, ...choice });
  const tokenizer = await loadTokenizer(model);
  const basic = testProcess({ embedder });
  const process = { ...basic, tools: { ...basic.tools, tokenizerOf: async () => tokenizer } };
  try {
    const job = testJob(
      folder,
      { dataset: 'letters', model: { source: model, ...choice }, ...more },
      embedder.signature,
    );
    const manifest = await runJob(process, job);
    const { store } = await process.open(job);
    const files = await listedFiles(store, manifest);
    return { manifest, files, process, output: join(folder, 'out'), model };
  } finally {
    await embedder.close();
  }
}
