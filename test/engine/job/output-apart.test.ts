import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertOutputApart, isOutputInInput } from '../../../engine/job/output-apart.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

test.each([
  ['s3://b/x', 's3://b/x/out', true],
  ['s3://b/x/', 's3://b', true],
  ['s3://b', 's3://b/x', true],
  ['s3://b/x/y', 's3://b/x', false],
  ['s3://b/xy', 's3://b/x', false],
  ['s3://b/x/letters/versions', 's3://b/x', false],
])('of the input %s, the dataset x in %s is a part: %s', async (uri, output, isPart) => {
  expect(await isOutputInInput({ dataset: 'x', input: { uri }, output })).toBe(isPart);
});

test('links of folders are followed, also above what is not there yet', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'docs', 'deep'), { recursive: true });
  symlinkSync(join(folder, 'docs'), join(folder, 'linked'));
  symlinkSync(join(folder, 'docs', 'deep'), join(folder, 'inside'));
  symlinkSync(join(folder, 'circle'), join(folder, 'circle'));
  const lies = (input: string, output: string) =>
    isOutputInInput({
      dataset: 'x',
      input: { uri: `file://${join(folder, input)}` },
      output: `file://${join(folder, output)}`,
    });
  expect(await lies('docs', 'docs')).toBe(true);
  expect(await lies('docs', 'linked')).toBe(true);
  expect(await lies('docs', 'linked/new/er')).toBe(true);
  expect(await lies('linked', 'inside/new')).toBe(true);
  expect(await lies('linked/deep', 'docs')).toBe(false);
  expect(await lies('docs', 'docs-beside')).toBe(false);
  expect(await lies('circle', 'docs')).toBe(false);
  const places = { dataset: 'x', input: { uri: `file://${folder}` }, output: `file://${folder}` };
  await expect(assertOutputApart(places, 'job.yaml')).rejects.toMatchObject({
    code: 'JOB_INVALID',
    message: expect.stringMatching(/^job\.yaml: `output` lies below `input\.uri`/),
  });
});
