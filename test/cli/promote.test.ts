import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { LETTERS, tinyDataset } from './tiny-dataset.js';

let folder: string;
let place: string;

/** Versions v1, which is `current`, and v2, which is `candidate`. */
beforeEach(async () => {
  folder = temporaryFolder();
  await tinyDataset(folder);
  const job = { version: 'v2', ref: 'candidate', chunking: { max_tokens: 8 } };
  await tinyDataset(folder, { lines: LETTERS.slice(0, 2), job });
  place = join(folder, 'out', 'letters');
});

const refAt = async (name: string) => JSON.parse(await readFile(join(place, 'refs', `${name}.json`), 'utf8'));

describe('promote', () => {
  test('moves current to the candidate, and back to a version', async () => {
    const before = await vectormillJson('search', place, 'a');
    expect(before.json.version).toBe('v1');
    expect(await vectormillJson('promote', `${place}@candidate`)).toMatchObject({
      code: 0,
      json: { dataset: 'letters', ref: 'current', version: 'v2', previous: 'v1', moved: true },
    });
    expect((await vectormillJson('search', place, 'a')).json.version).toBe('v2');
    const { stdout } = await vectormill('promote', `${place}@v1`);
    expect(stdout).toBe('letters@current is v1 now (before: v2)\n');
    expect((await refAt('candidate')).version).toBe('v2');
  });

  test('makes a ref that was not there, and leaves one that points there already', async () => {
    const line = ['promote', `${place}@v1`, '--ref', 'last-good'];
    expect((await vectormill(...line)).stdout).toBe('letters@last-good is v1 now (before: nothing)\n');
    const made = await refAt('last-good');
    expect((await vectormill(...line)).stdout).toBe('letters@last-good is v1 already\n');
    expect(await refAt('last-good')).toEqual(made);
  });

  test('does not take a ref back that was moved later', async () => {
    const file = join(place, 'refs', 'current.json');
    await writeFile(file, JSON.stringify({ ...(await refAt('current')), movedAt: Date.now() + 60_000 }));
    const { code, json } = await vectormillJson('promote', `${place}@v2`);
    expect({ code, error: json.error.code }).toEqual({ code: 2, error: 'VERSION_CONFLICT' });
    expect((await refAt('current')).version).toBe('v1');
  });

  test.each([
    ['without a version', () => [place], 'USAGE'],
    ['of a version that is not there', () => [`${place}@v3`], 'VERSION_NOT_FOUND'],
    ['to a ref with a name of a version', () => [`${place}@v1`, '--ref', 'v2'], 'USAGE'],
    ['to a ref that leads elsewhere', () => [`${place}@v1`, '--ref', '../x'], 'USAGE'],
  ])('%s is refused and writes nothing', async (_, line, code) => {
    const before = await filesBelow(folder);
    const outcome = await vectormillJson('promote', ...line());
    expect(outcome).toMatchObject({ code: 2, json: { error: { code } } });
    expect(await filesBelow(folder)).toEqual(before);
  });
});
