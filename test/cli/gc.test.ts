import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { CollectionPlan } from '../../core/retention/collection.js';
import { openStore } from '../../engine/store/open-store.js';
import { pinVersions } from '../../engine/version/pins.js';
import { editRecord } from '../support/edit-record.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TEST_OWNER } from '../support/test-tools.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { LETTERS, tinyDataset } from './tiny-dataset.js';

let folder: string;
let place: string;

/** Makes the versions v1, v2 and v3, of which `current` names the last. */
beforeEach(async () => {
  folder = temporaryFolder();
  for (const [place, version] of ['v1', 'v2', 'v3'].entries())
    await tinyDataset(folder, { lines: LETTERS.slice(place), job: { version, limits: { delete_share: 1 } } });
  place = join(folder, 'out', 'letters');
});

/** Makes the time of readers in the first plan end at once. */
function endGrace(): void {
  editRecord(join(place, 'gc/00000001/plan.json'), (plan: CollectionPlan) => ({ ...plan, graceMs: 0 }));
}

const STRICT = ['--keep', '0', '--age', '0s', '--history', '1'];

test('gc says why versions are kept, and writes nothing', async () => {
  const before = await filesBelow(folder);
  const { stdout, code } = await vectormill('gc', place, ...STRICT);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^v1 .* would go\nv2 .* would go\nv3 .* kept by the ref current\n/);
  expect(stdout).toMatch(
    /\n2 versions of 3 would go, with \d+ objects \([\d,]+ bytes\) that no other lists\n/,
  );
  expect((await vectormill('gc', place)).stdout).toContain('0 versions of 3 would go');
  expect(await filesBelow(folder)).toEqual(before);
});

test('gc --delete deletes versions when readers have had their time, and their names are not used again', async () => {
  const waiting = await vectormill('gc', place, ...STRICT, '--delete');
  expect(waiting.stdout).toMatch(/^v1, v2 of letters can be deleted from .*Z on/);
  expect((await vectormill('verify', `${place}@v1`)).code).toBe(0);
  // The plan of the first call has its grace.
  expect((await vectormillJson('gc', place, '--delete', '--grace', '0s')).json).toMatchObject({
    outcome: 'waiting',
  });
  endGrace();
  const { stdout } = await vectormill('gc', place, '--delete');
  expect(stdout).toMatch(/^letters: deleted v1, v2, \d+ objects \([\d,]+ bytes\)\n$/);
  expect((await vectormill('verify', place)).code).toBe(0);
  expect(await vectormillJson('inspect', `${place}@v1`)).toMatchObject({
    code: 2,
    json: { error: { code: 'VERSION_NOT_FOUND' } },
  });
  expect((await vectormill('gc', place, ...STRICT, '--delete')).stdout).toBe(
    'letters has nothing to delete.\n',
  );
});

test('a promotion keeps a version that was announced', async () => {
  await vectormill('gc', place, ...STRICT, '--delete', '--grace', '1h');
  expect((await vectormill('promote', `${place}@v1`, '--ref', 'other')).code).toBe(0);
  endGrace();
  expect((await vectormillJson('gc', place, '--delete')).json).toMatchObject({
    report: { deleted: ['v2'], kept: ['v1'] },
  });
  expect((await vectormill('verify', `${place}@other`)).code).toBe(0);
});

test('gc names the pins of jobs, and --release removes one', async () => {
  const pin = { dataset: 'letters', job: 'mine', makes: null, versions: ['v1'], owner: TEST_OWNER };
  await pinVersions(openStore(`file://${folder}/out`), pin);
  const { stdout } = await vectormill('gc', place, ...STRICT);
  expect(stdout).toContain('kept by the job mine');
  expect(stdout).toContain('the job mine of process 1 of the host test needs v1; --release mine ends that');
  expect((await vectormillJson('gc', place, ...STRICT, '--release', 'mine')).json).toMatchObject({
    released: ['mine'],
    pins: [],
    versions: [{ version: 'v1', keptBy: [] }, {}, {}],
  });
});

test.each([
  ['a pin that is not there', ['--release', 'other'], 'USAGE'],
  ['a finished version as unfinished', ['--unfinished', 'v1', '--delete'], 'VERSION_NOT_FOUND'],
  ['a version that is not there', ['--unfinished', 'v9', '--delete'], 'VERSION_NOT_FOUND'],
])('%s is refused, and nothing is written', async (_, options, code) => {
  const before = await filesBelow(folder);
  expect(await vectormillJson('gc', place, ...options)).toMatchObject({ code: 2, json: { error: { code } } });
  expect(await filesBelow(folder)).toEqual(before);
});
