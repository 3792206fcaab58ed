import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { LETTERS, tinyDataset } from './tiny-dataset.js';

let folder: string;
let place: string;

/** Makes the versions v1 and v2, and `current` moves from one to the other. */
beforeEach(async () => {
  folder = temporaryFolder();
  await tinyDataset(folder);
  await tinyDataset(folder, { lines: LETTERS.slice(0, 2), job: { version: 'v2', ref: 'none' } });
  place = join(folder, 'out', 'letters');
  expect((await vectormill('promote', `${place}@v2`)).code).toBe(0);
});

const current = async () => JSON.parse(await readFile(join(place, 'refs/current.json'), 'utf8'));

test('rollback leads to the version before, which readers then read, and the log tells all moves', async () => {
  expect((await vectormill('rollback', place)).stdout).toBe('letters@current is v1 now (before: v2)\n');
  expect((await vectormillJson('search', place, 'a')).json.version).toBe('v1');
  expect((await vectormillJson('refs', 'log', place)).json).toMatchObject({
    dataset: 'letters',
    ref: 'current',
    moves: [
      { generation: 3, version: 'v1', by: 'rollback' },
      { generation: 2, version: 'v2', by: 'promote' },
      { generation: 1, version: 'v1', by: 'job' },
    ],
  });
  const { stdout } = await vectormill('refs', 'log', place);
  expect(stdout).toMatch(/^3 {2}v1 {2}\d{4}-\S+Z {2}rollback\n2 {2}v2 .* promote\n1 {2}v1 .* job\n$/);
  expect((await vectormillJson('refs', 'list', place)).json.refs).toMatchObject([
    { ref: 'current', generation: 3, version: 'v1', previous: 'v2', isHeld: false },
  ]);
});

test('rollback with --hold keeps promotions away until the ref is released', async () => {
  expect((await vectormill('rollback', place, '--hold')).stdout).toBe(
    'letters@current is v1 now (before: v2), and is held there\n',
  );
  expect((await vectormill('refs', 'list', place)).stdout).toMatch(
    /^current {2}3 {2}v1 .* rollback {2}held\n$/,
  );
  const before = await filesBelow(folder);
  const refused = await vectormillJson('promote', `${place}@v2`);
  expect(refused).toMatchObject({ code: 2, json: { error: { code: 'REF_HELD' } } });
  expect(await filesBelow(folder)).toEqual(before);
  // Somebody who goes back further has not asked for the end of the hold.
  expect((await vectormillJson('rollback', place, '--to', 'v2')).json).toMatchObject({ held: true });
  expect((await vectormillJson('refs', 'release', place)).json).toMatchObject({ released: true });
  expect((await vectormillJson('refs', 'release', place)).json).toMatchObject({ released: false });
  expect((await vectormillJson('promote', `${place}@v1`)).json).toMatchObject({ moved: true, generation: 5 });
});

test('promote --release moves a held ref, and ends the hold', async () => {
  await vectormill('rollback', place, '--hold');
  expect((await vectormillJson('promote', `${place}@v1`, '--release')).json).toMatchObject({ moved: true });
  expect(await current()).toMatchObject({ version: 'v1', isHeld: false });
});

test.each([
  ['rollback to a version that is not there', () => ['rollback', place, '--to', 'v9'], 'VERSION_NOT_FOUND'],
  ['rollback of a ref that is not there', () => ['rollback', `${place}@other`], 'VERSION_NOT_FOUND'],
  ['the log of a ref that is not there', () => ['refs', 'log', `${place}@other`], 'VERSION_NOT_FOUND'],
  ['the release of no ref', () => ['refs', 'release', `${place}@other`], 'VERSION_NOT_FOUND'],
])('%s is refused and writes nothing', async (_, line, code) => {
  const before = await filesBelow(folder);
  expect(await vectormillJson(...line())).toMatchObject({ code: 2, json: { error: { code } } });
  expect(await filesBelow(folder)).toEqual(before);
});

test('rollback beyond the first version is refused', async () => {
  await vectormill('rollback', place);
  expect(await vectormillJson('rollback', place)).toMatchObject({
    code: 2,
    json: { error: { code: 'USAGE' } },
  });
  expect((await current()).generation).toBe(3);
});
