import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../../engine/store/open-store.js';
import { CrashPlan, failingStore } from '../../support/failing-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, startVersion, testProcess } from '../../support/test-tools.js';

it('a version that is opened again is not read again', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const job = testJob(folder);
  const plan = new CrashPlan(() => false);
  await startVersion(testProcess(), job);
  const process = testProcess({ store: (root) => failingStore(openStore(root), plan) });
  await (await process.open(job)).plan();
  const reads = () => plan.points.filter((point) => point.startsWith('get:before')).length;
  const before = reads();
  await (await process.open(job)).plan();
  expect(reads()).toBe(before);
});

it('a version that was deleted and made anew is opened again, with its new job and plan', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(4, 40) });
  const process = testProcess();
  const first = await runJob(process, testJob(folder));
  rmSync(join(folder, 'out'), { recursive: true });
  writeCorpus(folder, { 'b.jsonl': documents(5, 40, 'b') });
  const second = await runJob(process, testJob(folder, { chunking: { max_tokens: 16 } }));
  expect(second.totals.inputObjects).toBe(2);
  expect(second.totals.chunks).toBeGreaterThan(2 * first.totals.chunks);
});

it('a run of a workflow looks up a version once, and the next run looks it up again', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const job = testJob(folder);
  const plan = new CrashPlan(() => false);
  const process = testProcess({ store: (root) => failingStore(openStore(root), plan) });
  await startVersion(process, job);
  const first = await process.open(job, 'one');
  await first.plan();
  const before = plan.points.length;
  expect(await process.open(job, 'one')).toBe(first);
  expect(plan.points).toHaveLength(before);
  rmSync(join(folder, 'out'), { recursive: true });
  writeCorpus(folder, { 'b.jsonl': documents(3, 40, 'b') });
  await startVersion(process, job);
  const second = await process.open(job, 'two');
  expect(await second.plan()).not.toEqual(await first.plan());
});

it('a run that finds no version looks again', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const job = testJob(folder);
  const process = testProcess();
  await expect(process.open(job, 'one')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  await startVersion(process, job);
  expect(await (await process.open(job, 'one')).plan()).toHaveLength(1);
});

it('a plan that is not written yet is VERSION_NOT_FOUND, and is found once it is', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const job = testJob(folder);
  const process = testProcess();
  await expect(process.open(job)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  const version = await startVersion(process, job);
  rmSync(join(folder, 'out', version.layout.plan));
  const unplanned = await process.open(job);
  await expect(unplanned.plan()).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
  await startVersion(process, job);
  expect(await unplanned.plan()).toHaveLength(1);
});

it('a job record that is not valid is FILE_DAMAGED', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, { 'a.jsonl': documents(3) });
  const job = testJob(folder);
  const { layout } = await startVersion(testProcess(), job);
  for (const text of ['{"formatVersion": 1', '{"formatVersion": 2}', 'null']) {
    writeFileSync(join(folder, 'out', layout.job), text);
    await expect(testProcess().open(job)).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  }
});
