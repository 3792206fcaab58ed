import { beforeEach, describe, expect, it } from 'vitest';
import { chunkShard } from '../../../engine/steps/chunk-shard.js';
import type { StepTools } from '../../../engine/steps/step-context.js';
import { openStore } from '../../../engine/store/open-store.js';
import { CrashPlan, failingStore, SimulatedCrash } from '../../support/failing-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { testTokenizer } from '../../support/test-tokenizer.js';
import { startVersion, testProcess, testRun } from '../../support/test-tools.js';

const DOCUMENTS = 150;
const WORK = { shard: 0, duplicates: [] };

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  writeCorpus(folder, { 'c.jsonl': documents(DOCUMENTS, 3, 'c') });
});

const jobOf = () => testJob(folder, { shard_bytes: 1_000_000, parts: { rows: 1000 } });

describe('chunking while another part is computed', () => {
  it('cuts the rows of its part, and begins and writes none before its turn', async () => {
    const process = testProcess();
    const version = await startVersion(process, jobOf());
    let cut = 0;
    let allCut: () => void = () => {};
    const rowsAreCut = new Promise<void>((resolve) => (allCut = resolve));
    const tools: StepTools = {
      ...process.tools,
      tokenizerOf: async () => ({
        ...testTokenizer,
        encode: async (texts, maxTokens) => {
          cut += texts.filter((text) => text !== '').length;
          if (cut >= DOCUMENTS) allCut();
          return testTokenizer.encode(texts, maxTokens);
        },
      }),
    };
    const endOther = await tools.partGate.acquire('embed');
    const chunked = chunkShard(tools, version, WORK, testRun());
    await rowsAreCut;
    await new Promise(setImmediate);
    expect(process.events).toEqual([]);
    expect(await version.store.head(version.layout.chunkPart(0, 0, DOCUMENTS))).toBeUndefined();
    endOther();
    expect((await chunked).parts).toMatchObject([{ start: 0, end: DOCUMENTS }]);
    expect(process.events.map(({ event, end }) => [event, end])).toEqual([
      ['part.started', DOCUMENTS],
      ['part.written', DOCUMENTS],
    ]);
  });

  it('lets the next part have its turn if its own part cannot be written', async () => {
    const job = jobOf();
    await startVersion(testProcess(), job);
    const plan = new CrashPlan((point) => point.startsWith('put:') && point.includes('/chunks/'));
    const process = testProcess({ store: (root) => failingStore(openStore(root), plan) });
    const chunked = chunkShard(process.tools, await process.open(job), WORK, testRun());
    await expect(chunked).rejects.toBeInstanceOf(SimulatedCrash);
    expect(process.events.map(({ event }) => event)).toEqual(['part.started']);
    (await process.tools.partGate.acquire('embed'))();
  });
});
