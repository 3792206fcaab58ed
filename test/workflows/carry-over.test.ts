import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { jobWithParent, runToEnd, versionOfJob } from '../support/nights-of-a-folder.js';
import {
  failureOf,
  startJob,
  startTestWorker,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testEmbedder } from '../support/test-embedder.js';
import { documents, writeCorpus } from '../support/test-job.js';
import { testProcess } from '../support/test-tools.js';

let namespace: TestNamespace;
let worker: TestWorker;

beforeAll(async () => {
  namespace = await testNamespace();
  worker = startTestWorker(namespace, testEmbedder());
});

afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

it.each(['float32', 'int8'])('workers carry rows of %s over, as this process does', async (precision) => {
  const folder = temporaryFolder();
  const dataset = `carried-${precision}`;
  const more = { dataset, vectors: { precision } };
  writeCorpus(folder, {
    'a.jsonl': documents(20, 20, 'a'),
    'b.jsonl': documents(9, 20, 'b'),
    'c.jsonl': [{ _id: 'a-3', text: 'repeats an id' }, ...documents(5, 20, 'c'), '{"broken"'],
  });
  await (await startJob(namespace, await jobWithParent(folder, 'n1', more))).result();
  // An object is rewritten without a-3, so that one that has not changed must be read again.
  writeCorpus(folder, {
    'a.jsonl': documents(20, 20, 'a').filter((_, place) => place !== 3),
    'd.jsonl': documents(4, 20, 'd'),
  });
  const job = await jobWithParent(folder, 'n2', more);
  expect(job).toMatchObject({ formatVersion: 2, carry: { version: 'n1' } });
  const elsewhere = join(folder, 'elsewhere');
  cpSync(join(folder, 'out'), elsewhere, { recursive: true });
  const summary = await (await startJob(namespace, job)).result();
  expect(summary).toMatchObject({ totals: { documents: 38 }, rejects: { BAD_JSON: 1 } });
  const version = await versionOfJob(job);
  expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);

  const here = { ...job, spec: { ...job.spec, output: `file://${elsewhere}` } };
  const { timings: _, lists: __, ...expected } = JSON.parse(JSON.stringify((await runToEnd(here)).manifest));
  expect(version.manifest).toMatchObject(expected);

  // Nothing has changed, so that no shard is added.
  const third = await jobWithParent(folder, 'n3', more);
  const { totals } = await (await startJob(namespace, third)).result();
  expect(totals).toMatchObject({ documents: 38, shards: 0 });
  expect((await verifyVersion(await versionOfJob(third), testEmbedder())).differences).toEqual([]);
});

it('workers compute only what a night that failed has not committed', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(4, 20, 'a') });
  await (await startJob(namespace, await jobWithParent(folder, 'n1', { dataset: 'failed' }))).result();
  for (const name of ['b', 'c', 'd']) writeCorpus(folder, { [`${name}.jsonl`]: documents(8, 15, name) });
  const stop = new AbortController();
  let written = 0;
  const { tools } = testProcess({
    onPart: ({ event, stage }) => {
      if (event === 'part.written' && stage === 'embed' && ++written === 3) stop.abort();
    },
  });
  const stopped = runJobLocally(
    await jobWithParent(folder, 'n2', { dataset: 'failed' }),
    tools,
    stop.signal,
  ).done;
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  const { reused } = await (
    await startJob(namespace, await jobWithParent(folder, 'n3', { dataset: 'failed' }))
  ).result();
  const lent = reused!.lent['failed@n2']!;
  expect([8, 16]).toContain(lent);
  expect(reused).toMatchObject({ carried: 4, computed: 24 - lent });
});

it('a version that would delete much of its parent fails, and lists the input again when it is run again', async () => {
  const folder = temporaryFolder();
  const files = { 'a.jsonl': documents(10, 20, 'a'), 'b.jsonl': documents(20, 20, 'b') };
  writeCorpus(folder, files);
  await (await startJob(namespace, await jobWithParent(folder, 'n1', { dataset: 'short' }))).result();
  rmSync(join(folder, 'corpus', 'b.jsonl'));
  const job = await jobWithParent(folder, 'n2', { dataset: 'short' });
  const failed = await failureOf(await startJob(namespace, job));
  expect(failed).toMatchObject({ type: 'DELETES_EXCEEDED' });
  writeCorpus(folder, { 'b.jsonl': files['b.jsonl'] });
  const { totals } = await (await startJob(namespace, job)).result();
  expect(totals).toMatchObject({ documents: 30 });
});
