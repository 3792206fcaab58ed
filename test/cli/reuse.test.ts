import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeReused } from '../../cli/job/describe-reused.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { writeCorpus } from '../support/test-job.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();

beforeAll(async () => {
  await writeTinyModel(join(folder.path, 'model'));
  writeCorpus(folder.path, {
    'corpus.jsonl': ['a b c', 'b c d', 'c d e'].map((text, id) => ({ _id: `${id}`, text })),
  });
  expect(await run('first')).toMatchObject({ code: 0 });
});

async function jobFile(dataset: string, more: Record<string, unknown> = {}): Promise<string> {
  const file = join(folder.path, `${dataset}.json`);
  const job = { dataset, input: './corpus', output: './out', model: './model', ...more };
  await writeFile(file, JSON.stringify(job));
  return file;
}

const run = async (dataset: string, more?: Record<string, unknown>) =>
  vectormill('run', await jobFile(dataset, more), '--local');

test('a job takes the vectors of a version that it names, and its summary says so', async () => {
  writeCorpus(folder.path, { 'more.jsonl': [{ _id: 'more', text: 'd e f' }] });
  const { code, stdout } = await run('second', { reuse: ['first@current'] });
  expect(code).toBe(0);
  expect(stdout).toContain('  reused      3 vectors (3 of first@v1); 1 was computed; what was lent takes ');
  const record = JSON.parse(await readFile(join(folder.path, 'out/second/versions/v1/job.json'), 'utf8'));
  expect(record).toMatchObject({
    formatVersion: 1,
    reuse: [{ dataset: 'first', version: 'v1', manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  });
  const { json } = await vectormillJson('run', join(folder.path, 'second.json'), '--local');
  expect(json).toMatchObject({
    wasComplete: true,
    reused: { lent: { 'first@v1': 3 }, computed: 1, carried: 0, repeated: 0 },
  });
});

test.each([
  [
    'another vector space',
    { reuse: ['first'], model: { source: './model', max_tokens: 8 } },
    'FINGERPRINT_MISMATCH',
    'first@v1',
  ],
  ['a dataset that is not there', { reuse: ['nobody@v1'] }, 'DATASET_NOT_FOUND', 'nobody'],
  ['a version that is not there', { reuse: ['first@v9'] }, 'VERSION_NOT_FOUND', 'v9'],
  ['what is no name of a version', { reuse: ['first@v1@v2'] }, 'JOB_INVALID', 'reuse'],
])('a job that names %s is refused with nothing written', async (_, more, code, named) => {
  const file = await jobFile('refused', more);
  const before = await filesBelow(folder.path);
  for (const option of ['--local', '--dry-run']) {
    const refused = await vectormillJson('run', file, option);
    expect(refused.code).toBe(2);
    expect(refused.json.error).toMatchObject({ code, message: expect.stringContaining(named) });
  }
  expect(await filesBelow(folder.path)).toEqual(before);
});

test('a version that was begun with other names is refused', async () => {
  expect(await run('third', { reuse: ['first'] })).toMatchObject({ code: 0 });
  const other = await vectormillJson('run', await jobFile('third', { reuse: ['first@v1'] }), '--local');
  expect(other).toMatchObject({ code: 2, json: { error: { code: 'VERSION_CONFLICT' } } });
});

test('says in words where vectors came from', () => {
  const lent = { 'a@1': 1200, 'b@2': 0 };
  expect(describeReused({ carried: 10_000, lent, repeated: 34, computed: 0, lentBytes: 1 })).toBe(
    '11,234 vectors (10,000 carried over, 1,200 of a@1, 34 of repeated texts); none was computed; what was lent takes 1 byte',
  );
});
