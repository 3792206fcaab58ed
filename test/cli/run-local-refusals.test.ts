import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { useHubEnvironment } from '../support/hub-environment.js';
import { filesBelow, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();
const at = (...path: string[]) => join(folder.path, ...path);
const server = createServer();
/** No hub answers there. */
useHubEnvironment(() => ({ HF_ENDPOINT: 'http://127.0.0.1:9' }));

beforeAll(async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  await writeTinyModel(at('model'));
  for (const name of ['letters', 'empty', 'pictures', 'hidden']) mkdirSync(at(name));
  writeFileSync(at('letters', 'a.txt'), 'a b c');
  writeFileSync(at('pictures', 'picture.png'), Buffer.from([137, 80, 78, 71, 0, 1, 2, 3]));
  writeFileSync(at('hidden', '.a.txt'), 'a b c');
  symlinkSync(at('letters'), at('linked'));
  symlinkSync(at('circle'), at('circle'));
  await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

test.each([
  ['a folder that is not there', { input: './none' }, 'INPUT_NOT_FOUND'],
  ['an empty folder', { input: './empty' }, 'INPUT_NOT_FOUND'],
  ['a folder of hidden files', { input: './hidden' }, 'INPUT_EMPTY'],
  ['a folder of pictures', { input: './pictures' }, 'INPUT_UNSUPPORTED'],
  ['a socket', { input: './socket' }, 'INPUT_NOT_FOUND'],
  ['links that lead in a circle', { input: './circle' }, 'STORE_UNSUPPORTED'],
  ['an output that is the input', { output: './letters' }, 'JOB_INVALID'],
  ['an output that is the input by a link', { output: './linked' }, 'JOB_INVALID'],
  ['an output deep in the input by a link', { output: './linked/new/er' }, 'JOB_INVALID'],
  ['an input by a link, and an output in it', { input: './linked', output: './letters/out' }, 'JOB_INVALID'],
  ['a model that is not there', { model: './none' }, 'MODEL_NOT_FOUND'],
  ['a model that was not pulled', { model: 'nobody/has-this' }, 'MODEL_NOT_FOUND'],
] as const)('run --local refuses %s, and writes nothing', async (_, more, code) => {
  const file = at('job.json');
  const job = { dataset: 'refused', input: './letters', output: './out', model: './model', ...more };
  writeFileSync(file, JSON.stringify(job));
  const before = await filesBelow(folder.path);
  for (const line of [['--local'], ['--dry-run']])
    expect(await vectormillJson('run', file, ...line)).toMatchObject({ code: 2, json: { error: { code } } });
  expect(await filesBelow(folder.path)).toEqual(before);
});

test.each([['status'], ['list'], ['pause'], ['resume'], ['cancel']])(
  '%s without a server says how to see what needs none',
  async (command) => {
    const { code, json } = await vectormillJson(command, ...(command === 'list' ? [] : ['letters']));
    expect({ code, error: json.error }).toMatchObject({
      code: 1,
      error: {
        code: 'TEMPORAL_UNAVAILABLE',
        remedy: expect.stringMatching(/`embed` and of what runs with --local: .*`vectormill inspect /),
      },
    });
  },
);

test.each([['search'], ['verify'], ['inspect'], ['rejects'], ['promote'], ['index', 'build']])(
  '%s of a bare name without a server says how to name the place',
  async (...command) => {
    const words = command[0] === 'search' ? ['letters', 'a b c'] : ['letters@v1'];
    const { code, json } = await vectormillJson(...command, ...words);
    expect({ code, error: json.error }).toMatchObject({
      code: 2,
      error: {
        code: 'USAGE',
        remedy: expect.stringMatching(/^Name the whole place, such as \.\/out\/letters/),
      },
    });
  },
);

test('run --local embeds a corpus that fits in one batch', async () => {
  const file = at('job.json');
  writeFileSync(
    file,
    JSON.stringify({ dataset: 'one', input: './letters', output: './out', model: './model' }),
  );
  expect(await vectormillJson('run', file, '--local')).toMatchObject({
    code: 0,
    json: { totals: { documents: 1, chunks: 1 } },
  });
});
