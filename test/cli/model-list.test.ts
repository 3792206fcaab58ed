import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { TINY, writeTinyModel } from '../engine/model/tiny-model.js';
import { vectormill, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();

test('model list shows the models in the cache, unreadable ones included, and those that can be downloaded', async () => {
  const empty = await vectormill('model', 'list');
  expect(empty.stdout).toMatch(
    /^No models yet;.*\nTo be had with `vectormill model pull`: .*all-MiniLM-L6-v2/,
  );
  expect((await vectormillJson('model', 'list')).json).toEqual([]);

  const models = join(folder.path, 'cache', 'models');
  await writeTinyModel(join(models, 'tiny'));
  await mkdir(join(models, 'broken'));
  await writeFile(join(models, 'broken', 'config.json'), '{}');
  await mkdir(join(models, '.pull-123'));
  const shown = await vectormillJson('model', 'show', 'tiny');
  const { code, json } = await vectormillJson('model', 'list');
  expect({ code, json }).toMatchObject({
    code: 0,
    json: [
      {
        name: 'broken',
        bytes: 2,
        dimensions: null,
        fingerprint: null,
        problem: expect.stringMatching(/^MODEL_/),
      },
      {
        name: 'tiny',
        kind: 'embedder',
        folder: join(models, 'tiny'),
        dimensions: TINY.hidden,
        fingerprint: shown.json.fingerprint,
        problem: null,
      },
    ],
  });
  expect(json[1].bytes).toBeGreaterThan(1000);
  const { stdout } = await vectormill('model', 'list');
  expect(stdout).toMatch(
    new RegExp(`^tiny +embedder +${TINY.hidden} dimensions +${shown.json.fingerprint.slice(0, 12)} `, 'm'),
  );
});
