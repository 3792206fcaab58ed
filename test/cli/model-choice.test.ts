import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

/** These values differ from those in the model's folder. */
const CHOICE = { dimensions: 5, prompts: { query: 'q ', document: 'd e ' } };
const folder = useTemporaryFolder();
let made: Awaited<ReturnType<typeof tinyDataset>>;
beforeAll(async () => {
  made = await tinyDataset(folder.path, { choice: CHOICE });
});
const place = () => join(made.output, 'letters');

test('a job has the dimensions and prompts that it asks for', () => {
  expect(made.manifest.signature).toMatchObject(CHOICE);
});

test("commands open the model with the job's settings", async () => {
  const { code, json } = await vectormillJson('search', place(), 'x y z');
  expect({ code, hits: json.hits?.length }).toEqual({ code: 0, hits: 3 });
  expect((await vectormill('verify', place())).code).toBe(0);
});

test('model show and encode use the given dimensions, and refuse more than the model has', async () => {
  const { json } = await vectormillJson('model', 'show', made.model, '--dimensions', '5');
  expect(json.signature.dimensions).toBe(5);
  const refused = await vectormillJson('model', 'show', made.model, '--dimensions', '1000');
  expect(refused).toMatchObject({ code: 2, json: { error: { code: 'USAGE' } } });
});
