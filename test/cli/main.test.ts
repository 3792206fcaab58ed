import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { runCli } from '../support/built-cli.js';
import { filesBelow } from './command-line.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectormill-main-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

test('help ends with 0 and is all on stdout', async () => {
  const { code, stdout, stderr } = await runCli(['search', '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: vectormill search/);
});

test('a refusal ends with 2, says why on stderr and leaves stdout and the disk alone', async () => {
  await writeFile(join(folder, 'job.yaml'), 'dataset: d\ninput: .\noutput: ./out\nmodel: none\nretries: 3\n');
  const before = await filesBelow(folder);
  const { code, stdout, stderr } = await runCli(['run', join(folder, 'job.yaml')]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^refused \(JOB_INVALID\): .*unknown key `retries`\n {2}→ .*docs\/job-spec\.md/);
  expect(await filesBelow(folder)).toEqual(before);
});

test('a failure ends with 1 and is one JSON document on stdout with --json', async () => {
  await writeFile(join(folder, 'bad.parquet'), 'not a parquet file');
  const { code, stdout, stderr } = await runCli(['inspect', join(folder, 'bad.parquet'), '--json']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout).error.code).toBe('FILE_DAMAGED');
});

test('if two encode into the same file at once, one writes it and the other is refused', async () => {
  await writeTinyModel(join(folder, 'model'));
  const letters = Array.from({ length: 2000 }, (_, id) => JSON.stringify({ id, text: 'a b c' }));
  await writeFile(join(folder, 'texts.jsonl'), letters.join('\n'));
  const line = ['--model', 'model', '--input', 'texts.jsonl', '--output', 'vectors.parquet'];
  const paths = line.map((word) => (word.startsWith('--') ? word : join(folder, word)));
  const environment = { VECTORMILL_CACHE: join(folder, 'cache') };
  const both = await Promise.all([1, 2].map(() => runCli(['encode', ...paths, '--json'], environment)));
  expect(both.map(({ code }) => code).sort()).toEqual([0, 2]);
  const loser = both.find(({ code }) => code === 2)!;
  expect(JSON.parse(loser.stdout).error.code).toBe('OUTPUT_EXISTS');
});
