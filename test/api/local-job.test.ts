import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type JobDescription, type LocalJobProgress, openDataset, runLocalJob } from '../../api/index.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { letterDocuments } from '../support/letter-documents.js';
import { writeCorpus } from '../support/test-job.js';

const folder = useTemporaryFolder();

beforeAll(async () => {
  await writeTinyModel(join(folder.path, 'model'));
  writeCorpus(folder.path, { 'corpus.jsonl': [...letterDocuments(40), '{"broken"'] });
});

const described = (more: Partial<JobDescription> = {}): JobDescription => ({
  dataset: 'letters',
  input: join(folder.path, 'corpus'),
  output: join(folder.path, 'out'),
  model: join(folder.path, 'model'),
  parts: { rows: 4 },
  limits: { reject_share: 0.5 },
  ...more,
});

test('a job makes a dataset that can be opened, and is found complete when it is run again', async () => {
  const result = await runLocalJob(described());
  expect(result).toMatchObject({ dataset: 'letters', version: 'v1', documents: 40, rejects: 1 });
  expect(result).toMatchObject({ wasComplete: false, manifest: expect.stringMatching(/manifest\.json$/) });
  await using dataset = await openDataset(join(folder.path, 'out', 'letters'));
  expect(dataset).toMatchObject({ fingerprint: result.fingerprint, chunks: result.chunks });
  const { elapsedMs: _, ...counts } = result;
  expect(await runLocalJob(described())).toEqual({ ...counts, elapsedMs: 0, wasComplete: true });
});

test('a job that is stopped goes on when it is run again', async () => {
  const stop = new AbortController();
  stop.abort();
  const job = described({ version: 'stopped' });
  await expect(runLocalJob(job, { signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await runLocalJob(job)).toMatchObject({ version: 'stopped', documents: 40 });
});

test('progress is reported up to the end', async () => {
  const seen: LocalJobProgress[] = [];
  await runLocalJob(described({ version: 'watched', parent: 'none' }), {
    onProgress: (progress) => seen.push(progress),
  });
  const { shards, shardsTotal, phase, documents } = seen.at(-1)!;
  expect({ phase, documents, left: shardsTotal - shards }).toEqual({ phase: 'done', documents: 40, left: 0 });
});

test.each([
  ['a key that no job has', { colour: 'red' } as never, 'JOB_INVALID'],
  ['a dataset that leads elsewhere', { dataset: '../other' }, 'JOB_INVALID'],
  ['an input that is not there', { version: 'v2', input: '/nowhere/at/all' }, 'INPUT_NOT_FOUND'],
  ['a model that is not there', { version: 'v2', model: '/nowhere/at/all' }, 'MODEL_NOT_FOUND'],
  ['another job under a version that is taken', { parts: { rows: 5 } }, 'VERSION_CONFLICT'],
])('%s is refused', async (_, more, code) => {
  await expect(runLocalJob(described(more))).rejects.toMatchObject({ code });
});

test('what is no job at all is refused', async () => {
  await expect(runLocalJob([] as never)).rejects.toMatchObject({ code: 'JOB_INVALID' });
  await expect(runLocalJob(null as never)).rejects.toMatchObject({ code: 'JOB_INVALID' });
  await expect(runLocalJob(undefined as never)).rejects.toMatchObject({ code: 'JOB_INVALID' });
});
