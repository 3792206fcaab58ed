import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MINE_JOB, type MineJobInput, miningWorkflowId } from '../../core/workflow-api.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import type { MiningManifest } from '../../engine/mining/finish-mining.js';
import { type Mining, openMining } from '../../engine/mining/open-mining.js';
import { prepareMining } from '../../engine/mining/prepare-mining.js';
import { openStore } from '../../engine/store/open-store.js';
import { readJsonRecord } from '../../engine/version/read-json-record.js';
import { filesBelow } from '../cli/command-line.js';
import { mineBelow } from '../engine/mining/mining-support.js';
import { servedNamespace } from '../support/served-namespace.js';
import { failureOf } from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../support/test-job.js';
import { runJob, testProcess } from '../support/test-tools.js';

const served = servedNamespace();

/** Prepares triplets of 5 queries over 20 documents. Nothing is started. */
async function prepared(dataset: string) {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(20) });
  await runJob(testProcess(), testJob(folder, { dataset }));
  const pairs = Array.from({ length: 5 }, (_, index) => ({
    query: `question ${index}`,
    positive: `doc-${index}`,
  }));
  writeFileSync(join(folder, 'pairs.jsonl'), pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
  const job = { dataset, output: './out', pairs: './pairs.jsonl', mining: { near_duplicate: 'off' } };
  const file = join(folder, 'mine.yaml');
  const spec = parseMiningJob(JSON.stringify(job), file);
  return { folder, job, ...(await prepareMining(spec, openStore, file)) };
}

async function start(input: MineJobInput) {
  return served
    .get()
    .client.workflow.start<(input: MineJobInput) => Promise<{ manifest: string }>>(MINE_JOB, {
      workflowId: miningWorkflowId(input.record.spec),
      taskQueue: 'control',
      args: [input],
    });
}

async function manifestOf({ store, layout }: Mining): Promise<MiningManifest> {
  return readJsonRecord<MiningManifest>(store, layout.manifest, 1);
}

describe('mining on workers', () => {
  test('writes the same files as mining in one process', async () => {
    const { folder, job, mining, record } = await prepared('mined-by-workers');
    const { manifest } = await (await start({ record, concurrency: 2 })).result();
    expect(manifest).toBe(`${mining.store.root}/${mining.layout.manifest}`);
    const { files, totals } = await manifestOf(mining);
    expect(totals).toMatchObject({ queries: 5, trainingRows: 15 });
    const alone = await mineBelow(folder, { ...job, name: 'alone' });
    const single = openMining(mining.version, { ...mining.spec, name: 'alone' });
    expect(alone.report.totals).toEqual(totals);
    expect(files.map(({ sha256 }) => sha256)).toEqual(
      (await manifestOf(single)).files.map(({ sha256 }) => sha256),
    );
  });

  test('finds everything done the next time, without its checkpoints', async () => {
    const { folder, record } = await prepared('mined-again');
    await (await start({ record, concurrency: 1 })).result();
    const before = await filesBelow(folder);
    await (await start({ record, concurrency: 1 })).result();
    expect(await filesBelow(folder)).toEqual(before);
  });

  test('fails with the code of the step that refused', async () => {
    const { record } = await prepared('mined-without-room');
    const spec = { ...record.spec, selection: { ...record.spec.selection, numNegatives: 50 } };
    const handle = await start({ record: { ...record, spec }, concurrency: 1 });
    expect(await failureOf(handle)).toMatchObject({ type: 'JOB_INVALID' });
  });
});
