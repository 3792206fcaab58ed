import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../engine/store/open-store.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { editRecord } from '../support/edit-record.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { LETTERS, tinyDataset } from './tiny-dataset.js';

let folder: string;
let place: string;

/** Makes the versions v1, which is `current`, and v2, which is `candidate`. */
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

  test('makes a ref that did not exist, and leaves one that already points there', async () => {
    const line = ['promote', `${place}@v1`, '--ref', 'last-good'];
    expect((await vectormill(...line)).stdout).toBe('letters@last-good is v1 now (before: nothing)\n');
    const made = await refAt('last-good');
    expect((await vectormill(...line)).stdout).toBe('letters@last-good is v1 already\n');
    expect(await refAt('last-good')).toEqual(made);
  });

  test('moves a ref that a machine moved whose clock is ahead', async () => {
    const file = join(place, 'refs', 'current.json');
    editRecord(file, (record) => ({ ...record, movedAt: Date.now() + 60_000 }));
    const { code, json } = await vectormillJson('promote', `${place}@v2`);
    expect({ code, json }).toMatchObject({ code: 0, json: { version: 'v2', generation: 2 } });
  });

  test('moves a ref only if it was moved as often as is expected', async () => {
    expect((await vectormillJson('promote', `${place}@v2`, '--expect', '1')).json).toMatchObject({
      generation: 2,
      moved: true,
    });
    const before = await filesBelow(folder);
    const { code, json } = await vectormillJson('promote', `${place}@v1`, '--expect', '1');
    expect({ code, error: json.error.code }).toEqual({ code: 2, error: 'REF_MOVED' });
    expect(await filesBelow(folder)).toEqual(before);
    // Whoever repeats a move that has happened is told that it has.
    expect((await vectormillJson('promote', `${place}@v2`, '--expect', '1')).json).toMatchObject({
      moved: false,
      generation: 2,
    });
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

  describe('of a version whose files are damaged', () => {
    const vectorFile = async (version: string): Promise<string> => {
      const store = openStore(join(folder, 'out'));
      const { parts } = await resolveVersion(store, { dataset: 'letters', selector: version });
      return join(folder, 'out', parts.at(0)!.vectors.key);
    };

    test('fails with 1, names the file and writes nothing, and --force moves the ref anyway', async () => {
      const file = await vectorFile('v2');
      await rm(file);
      const before = await filesBelow(folder);
      const { code, json } = await vectormillJson('promote', `${place}@candidate`);
      expect({ code, json }).toMatchObject({
        code: 1,
        json: {
          version: 'v2',
          moved: false,
          differences: [{ file: `file://${file}`, what: 'is missing' }],
          error: { code: 'VERIFY_FAILED' },
        },
      });
      const text = await vectormill('promote', `${place}@candidate`);
      expect(text).toMatchObject({ code: 1, stdout: '' });
      expect(text.stderr).toMatch(/is missing\nfailed \(VERIFY_FAILED\): .*letters@current stays\n {2}→ /);
      expect(await filesBelow(folder)).toEqual(before);
      expect(await vectormillJson('verify', `${place}@candidate`, '--quick')).toMatchObject({
        code: 1,
        json: { ok: false, quick: true, differences: [{ what: 'is missing' }] },
      });

      expect(await vectormillJson('promote', `${place}@candidate`, '--force')).toMatchObject({
        code: 0,
        json: { moved: true, version: 'v2' },
      });
      // Moving back to the sound version needs no force.
      expect((await vectormillJson('promote', `${place}@v1`)).json).toMatchObject({ moved: true });
    });

    test('fails for a truncated file, also under a new ref and for the version that the ref already names', async () => {
      await truncate(await vectorFile('v1'), 20);
      for (const ref of ['current', 'last-good']) {
        const { code, json } = await vectormillJson('promote', `${place}@v1`, '--ref', ref);
        expect({ code, error: json.error.code }).toEqual({ code: 1, error: 'VERIFY_FAILED' });
      }
      expect(await readFile(join(place, 'refs', 'last-good.json')).catch(() => 'none')).toBe('none');
    });

    test('cannot be forced where the manifest cannot be read', async () => {
      await writeFile(join(place, 'versions/v2/manifest.json'), '{');
      const { code, json } = await vectormillJson('promote', `${place}@v2`, '--force');
      expect({ code, error: json.error.code }).toEqual({ code: 1, error: 'FILE_DAMAGED' });
      expect((await refAt('current')).version).toBe('v1');
    });
  });

  test('warns where readers of the ref may use an index that the version lacks', async () => {
    expect((await vectormill('index', 'build', `${place}@v1`)).code).toBe(0);
    const { json } = await vectormillJson('promote', `${place}@v2`);
    expect(json).toMatchObject({
      moved: true,
      notes: [expect.stringMatching(/letters@v2 has no index main/)],
    });
    expect((await vectormillJson('promote', `${place}@v1`)).json.notes).toEqual([]);
  });
});
