import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { nextLines } from '../../../cli/job/next-lines.js';
import { testJob } from '../../support/test-job.js';

const here = `file://${process.cwd()}`;

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  [{ output: 's3://bucket/vectors/', ref: 'current' }, 's3://bucket/vectors/test'],
  [{ output: `${here}/out`, ref: 'current' }, './out/test'],
  [{ output: here, ref: 'none' }, './test@v1'],
  [{ output: `${here}/..out`, ref: 'candidate' }, './..out/test@v1'],
  [{ output: `${here}-beside`, ref: 'current' }, `${process.cwd()}-beside/test`],
  [{ output: 'file:///', ref: 'current' }, '/test'],
  [{ output: "file:///it's here", ref: 'current' }, `'/it'\\''s here/test'`],
])('of %j names the place %s', (where, place) => {
  vi.stubEnv('npm_command', '');
  const spec = { ...testJob(join('/', 'data')).spec, ...where };
  expect(nextLines(spec)).toEqual([
    '',
    'Next:',
    `  vectormill search ${place} "a question of yours"`,
    `  vectormill verify ${place}`,
  ]);
});

test('of a reader who used npx begin with it, and have the other commands at their end', () => {
  vi.stubEnv('npm_command', 'exec');
  const { spec } = testJob('/data');
  expect(nextLines(spec, ['npx vectormill doctor']).slice(2)).toEqual([
    expect.stringMatching(/^ {2}npx vectormill search /),
    expect.stringMatching(/^ {2}npx vectormill verify /),
    '  npx vectormill doctor',
  ]);
});
