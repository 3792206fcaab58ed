import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { jobOfInput } from '../../cli/job/job-of-input.js';
import { parseJob } from '../../engine/job/parse-job.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();
const at = (...path: string[]) => join(folder.path, ...path);
const embed = (input: string, ...more: string[]) =>
  vectormill('embed', input, '--model', at('model'), '--output', at('out'), ...more);

beforeAll(async () => {
  vi.stubEnv('npm_command', '');
  await writeTinyModel(at('model'));
  mkdirSync(at('letters'));
  mkdirSync(at('empty'));
  writeFileSync(at('letters', 'a.txt'), 'a b c');
  writeFileSync(at('letters', 'b.md'), '# d\n\ne f g\n');
  writeFileSync(at('letters', 'picture.png'), Buffer.from([137, 80, 78, 71, 0, 1, 2, 3]));
  writeFileSync(at('letters.jsonl'), '{"_id": "1", "text": "a b c"}\n{"_id": "2", "text": "x y z"}\n');
});

const server = createServer();

beforeAll(async () => {
  symlinkSync(at('letters'), at('linked'));
  symlinkSync(at('circle'), at('circle'));
  await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
});

afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

describe('embed', () => {
  test('embeds a folder, says what to try next, and finds all done the next time', async () => {
    const { code, stdout } = await embed(at('letters'));
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^letters@v1 is complete/),
    });
    expect(stdout).toMatch(/^ {2}documents {3}2$/m);
    const search = /^ {2}vectormill (search) (\S+) /m.exec(stdout)!;
    expect((await vectormill(search[1]!, search[2]!, 'a b c', '--json')).code).toBe(0);
    const words = `embed ${at('letters')} --output ${at('out')} --model ${at('model')} --print-job`;
    expect(stdout).toContain(`\n  vectormill ${words} > job.yaml\n`);
    expect((await vectormill(...words.split(' '))).stdout).toMatch(/^# job\.yaml\n/);
    expect((await embed(at('letters'))).stdout).toMatch(
      /^letters@v1 was complete already; nothing was done\./,
    );
  });

  test('embeds a file under a name of its own, and prints one JSON document', async () => {
    const line = ['embed', at('letters.jsonl'), '--model', at('model'), '--output', at('out')];
    const { code, json } = await vectormillJson(...line, '--dataset', 'other', '--version', 'first');
    expect({ code, json }).toMatchObject({ code: 0, json: { job: 'other@first', totals: { documents: 2 } } });
  });

  test('prints the job that it stands for, and does nothing else', async () => {
    const before = await filesBelow(folder.path);
    const { code, stdout } = await embed('./letters', '--print-job', '--precision', 'int8');
    expect(code).toBe(0);
    expect(parseJob(stdout, at('job.yaml'))).toMatchObject({
      dataset: 'letters',
      version: 'v1',
      input: { uri: `file://${at('letters')}` },
      output: `file://${at('out')}`,
      model: { source: at('model'), precision: 'int8' },
    });
    expect(await filesBelow(folder.path)).toEqual(before);
  });

  test.each([
    ['what is not there', (): string => at('none'), [], 'INPUT_NOT_FOUND'],
    ['a folder without documents', (): string => at('empty'), [], 'INPUT_NOT_FOUND'],
    ['an output in the input', () => at('letters'), ['--output', 'LETTERS/out'], 'USAGE'],
    ['an output in the input by a link', () => at('letters'), ['--output', 'LINKED/out'], 'USAGE'],
    ['an output whose dataset is the input', () => at('letters'), ['--output', 'LETTERS/..'], 'USAGE'],
    [
      'what is not there before it fetches a model',
      (): string => at('none'),
      ['--model', 'nobody/has-this'],
      'INPUT_NOT_FOUND',
    ],
    ['links that lead in a circle', () => at('circle'), [], 'STORE_UNSUPPORTED'],
    ['a socket', () => at('socket'), [], 'INPUT_NOT_FOUND'],
    ['an input without a name', (): string => '/', [], 'USAGE'],
    ['an unknown model', () => at('letters'), ['--model', 'none'], 'MODEL_NOT_FOUND'],
  ] as const)('refuses %s, and writes nothing', async (_, input, more, code) => {
    const before = await filesBelow(folder.path);
    const options = more.map((word) =>
      word.replace('LETTERS', at('letters')).replace('LINKED', at('linked')),
    );
    const outcome = await vectormillJson(
      ...['embed', input(), '--model', at('model'), '--output', at('refused'), ...options],
    );
    expect(outcome).toMatchObject({ code: 2, json: { error: { code } } });
    expect(await filesBelow(folder.path)).toEqual(before);
  });
});

test('a binary file among few texts fails with the places of the rejects and of the limit', async () => {
  mkdirSync(at('mixed'));
  writeFileSync(at('mixed', 'a.txt'), 'a b c');
  writeFileSync(at('mixed', 'b.txt'), Buffer.from([0xff, 0xfe, 0, 1, 2, 0xff]));
  const { code, stderr } = await embed(at('mixed'));
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('REJECTS_EXCEEDED') });
  const [, rejects = ''] = /`vectormill (rejects \S+)`/.exec(stderr) ?? [];
  expect(await vectormill(...rejects.split(' '))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^INVALID_UTF8 .*b\.txt/),
  });
  const [, print = ''] = /`vectormill (embed .* --print-job)`/.exec(stderr) ?? [];
  const { stdout: job } = await vectormill(...print.split(' '));
  writeFileSync(at('mixed.yaml'), `${job}\nlimits: {reject_share: 0.5}\n`);
  expect(await vectormillJson('run', at('mixed.yaml'), '--local')).toMatchObject({
    code: 0,
    json: { job: 'mixed@v1', totals: { documents: 1 }, rejects: { INVALID_UTF8: 1 } },
  });
});

test('a remedy that names a key of a job file says how to get the file', async () => {
  writeFileSync(at('table.csv'), 'a,b\n1,2\n');
  const { code, stderr } = await embed(at('table.csv'));
  const print = `vectormill embed ${at('table.csv')} --output ${at('out')} --model ${at('model')} --print-job`;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/set input\.columns/) });
  expect(stderr).toContain(`\`${print}\` prints the job file that has these keys`);
});

describe('the job of an input', () => {
  const choice = { output: './out', model: 'm', version: 'v1' };

  test.each([
    ['./docs/', 'docs'],
    ['corpus.jsonl.gz', 'corpus'],
    ['s3://bucket/my notes/', 'my-notes'],
    ['/data/2026.07.parquet', '2026.07'],
    ['_drafts', 'drafts'],
  ])('%s is the dataset %s', (input, dataset) => {
    expect(parseJob(jobOfInput({ ...choice, input }), '/folder/job.yaml').dataset).toBe(dataset);
  });

  test('takes strings as they are, whatever they hold', () => {
    const input = './a "b": #c {d}';
    const { uri } = parseJob(jobOfInput({ ...choice, input, dataset: 'x' }), '/folder/job.yaml').input;
    expect(decodeURIComponent(uri)).toBe('file:///folder/a "b": #c {d}');
  });
});
