import { join } from 'node:path';
import type { Manifest } from '../../core/manifest.js';
import { openEmbedder } from '../../engine/model/find/find-model.js';
import { loadTokenizer } from '../../engine/tokenizer/hugging-face-tokenizer.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { type CorpusLine, testJob, writeCorpus } from '../support/test-job.js';
import { runJob, type TestProcess, testProcess } from '../support/test-tools.js';

/** Documents of letters, which are the tiny model's words. */
export const LETTERS: readonly CorpusLine[] = [
  { _id: 'first', title: 'One', text: 'a b c' },
  { _id: 'second', title: 'Two', text: 'x y z' },
  { _id: 'third', text: 'k l m n o p' },
];

interface TinyOptions {
  lines?: readonly CorpusLine[];
  /** What the job says besides the defaults. */
  job?: Record<string, unknown>;
  /** The model's limit, as the job has it. */
  maxTokens?: number;
  /** What else the job asks of the model. */
  choice?: { dimensions?: number; prompts?: { query: string; document: string } };
}

/** Writes the tiny model to `<folder>/model` and embeds `lines` with it into `<folder>/out`. */
export async function tinyDataset(
  folder: string,
  { lines = LETTERS, job: more = {}, maxTokens = 16, choice = {} }: TinyOptions = {},
): Promise<{ manifest: Manifest; process: TestProcess; output: string; model: string }> {
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
    return { manifest: await runJob(process, job), process, output: join(folder, 'out'), model };
  } finally {
    await embedder.close();
  }
}
