import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { executorOf, orLocally } from '../../cli/executor-options.js';
import { VectormillError } from '../../core/errors.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
const version = () => at('out', 'letters', 'versions', 'v1');

/** A command that computes, its default, and what it is told beside where. */
const COMMANDS: [string, 'local' | 'temporal', () => string[]][] = [
  ['run', 'temporal', () => ['run', at('job.yaml')]],
  ['mine', 'local', () => ['mine', at('mine.yaml')]],
  ['night', 'local', () => ['night', at('nightly.yaml')]],
  ['index build', 'local', () => ['index', 'build', at('out', 'letters'), '--exact-below', '0']],
];

beforeAll(async () => {
  await tinyDataset(folder.path);
  writeFileSync(
    at('mine.yaml'),
    'dataset: letters\noutput: ./out\nmining: {num_negatives: 1, near_duplicate: off}\n',
  );
  writeFileSync(at('job.yaml'), 'dataset: other\ninput: ./corpus\noutput: ./out\nmodel: ./model\n');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('each option names an executor, and without one there is the default', () => {
  expect(executorOf({ local: true }, 'temporal')).toBe('local');
  expect(executorOf({ temporal: true }, 'local')).toBe('temporal');
  expect([executorOf({}, 'local'), executorOf({}, 'temporal')]).toEqual(['local', 'temporal']);
});

test('where no server answers, the error names the other executor', async () => {
  const details = { component: 'cli', remedy: 'Start one.' };
  const unavailable = () =>
    Promise.reject(new VectormillError('TEMPORAL_UNAVAILABLE', 'none answers', details));
  await expect(orLocally(unavailable)).rejects.toMatchObject({
    code: 'TEMPORAL_UNAVAILABLE',
    remedy: 'Start one. --local computes in this process and needs no server.',
  });
});

describe.each(COMMANDS)('%s', (_, fallback, line) => {
  test('says in its help where it computes by default', async () => {
    const { stdout } = await vectormill(...line(), '--help');
    const helped = stdout.replace(/\s+/g, ' ');
    expect(helped).toMatch(fallback === 'local' ? /goes on \(default\)/ : /detaches \(default\)/);
    expect(helped.match(/\(default\)/g)).toHaveLength(1);
  });

  test('is refused with both options before it reads or writes anything', async () => {
    const files = await filesBelow(folder.path);
    const words = line().map((word) => word.replace(/(mine|job|nightly)\.yaml|letters$/, 'nothing-here'));
    const { code, json } = await vectormillJson(...words, '--local', '--temporal');
    expect({ code, error: json.error.code }).toEqual({ code: 2, error: 'USAGE' });
    expect(await filesBelow(folder.path)).toEqual(files);
  });
});

describe('work in this process that is interrupted', () => {
  test.each([
    ['mining', () => ['mine', at('mine.yaml')], ['triplets', 'triplets', 'manifest.json']],
    ['an index', COMMANDS[3]![2], ['index', 'main', 'manifest.json']],
  ] as const)(
    'is paused, and the command that is printed goes on with it: %s',
    async (__, line, manifest) => {
      vi.stubEnv('npm_command', '');
      const paused = await interrupted([...line(), '--local']);
      const again = `vectormill ${[...line(), '--local'].join(' ')}`;
      expect(paused).toMatchObject({
        code: 0,
        stdout: '',
        stderr: expect.stringContaining(
          `is paused: its finished parts are kept. \`${again}\` goes on with it.`,
        ),
      });
      expect(existsSync(join(version(), ...manifest))).toBe(false);
      expect(await interrupted([...line(), '--json'], 'SIGTERM')).toMatchObject({
        code: 143,
        stdout: expect.stringMatching(/^\{"job":"letters@v1",.*"paused":true\}\n$/),
      });
      expect(await vectormill(...line())).toMatchObject({ code: 0 });
      expect(existsSync(join(version(), ...manifest))).toBe(true);
    },
  );
});

/** Runs a command line that gets the signal as soon as it listens for it. */
async function interrupted(line: readonly string[], signal: NodeJS.Signals = 'SIGINT') {
  const before = process.listenerCount(signal);
  const running = vectormill(...line);
  while (process.listenerCount(signal) === before) await setImmediate();
  process.emit(signal, signal);
  return running;
}
