import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { TINY, writeTinyModel } from '../engine/model/tiny-model.js';
import { useHubEnvironment } from '../support/hub-environment.js';
import { filesOfFolder, type HubServer, startHubServer } from '../support/hub-server.js';
import { vectormill, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();
const at = (...names: string[]) => join(folder.path, ...names);
let hub: HubServer;
let tiny: Map<string, Buffer>;

beforeAll(async () => {
  hub = await startHubServer();
  await writeTinyModel(at('source'));
  tiny = filesOfFolder(at('source'));
  writeFileSync(at('texts.jsonl'), '{"_id": "1", "text": "a b c"}\n');
});
afterAll(() => hub.close());
useHubEnvironment(() => ({ HF_ENDPOINT: hub.url, HF_HOME: at('hf') }));

test('a job that names a model which is not there says what to type, and writes nothing', async () => {
  const job = { dataset: 'letters', input: './texts.jsonl', output: './out', model: 'org/tiny' };
  writeFileSync(at('job.json'), JSON.stringify(job));
  const refused = await vectormill('run', at('job.json'), '--local');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('MODEL_NOT_FOUND');
  expect(refused.stderr).toContain('vectormill model pull org/tiny');
  expect(existsSync(at('out'))).toBe(false);
});

test('a pulled model is listed, shown, used by its name and removed', async () => {
  const { commit } = hub.add('org/tiny', { files: tiny, revisions: ['main', 'v1'] });
  const { code, json: pulled } = await vectormillJson('model', 'pull', 'org/tiny');
  expect({ code, pulled }).toMatchObject({
    code: 0,
    pulled: { model: 'org/tiny', source: 'hub', repository: 'org/tiny', commit, files: tiny.size },
  });
  await vectormill('model', 'pull', 'org/tiny@v1');
  const { json: listed } = await vectormillJson('model', 'list');
  expect(listed).toMatchObject([
    { name: 'org/tiny, org/tiny@v1', commit, dimensions: TINY.hidden, bytes: pulled.bytes, problem: null },
  ]);
  expect((await vectormill('model', 'list')).stdout).toContain(commit.slice(0, 12));
  const { json: shown } = await vectormillJson('model', 'show', 'org/tiny');
  expect(shown).toMatchObject({ folder: pulled.folder, signature: { name: 'tiny' } });
  expect((await vectormill('run', at('job.json'), '--local')).code).toBe(0);

  const refused = await vectormill('model', 'remove', 'org/tiny@v1');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('the same commit as org/tiny') });
  expect(existsSync(pulled.folder)).toBe(true);
  const { json: removed } = await vectormillJson('model', 'remove', 'org/tiny');
  expect(removed).toMatchObject({ bytes: pulled.bytes, removed: [{ folder: pulled.folder }] });
  expect(existsSync(at('cache', 'hub', 'org'))).toBe(false);
  const again = await vectormill('model', 'remove', 'org/tiny');
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('MODEL_NOT_FOUND') });
});

test("what is removed leaves the hub's cache, linked folders and everything elsewhere as they are", async () => {
  const { commit } = hub.add('org/linked', { files: tiny });
  const snapshot = at('hf', 'hub', 'models--org--linked', 'snapshots', commit);
  for (const [path, body] of tiny) {
    mkdirSync(dirname(join(snapshot, path)), { recursive: true });
    writeFileSync(join(snapshot, path), body);
  }
  const { json: pulled } = await vectormillJson('model', 'pull', 'org/linked');
  expect(pulled.source).toBe('cache');
  expect(lstatSync(join(pulled.folder, 'model.safetensors')).isSymbolicLink()).toBe(true);
  expect((await vectormillJson('model', 'remove', `org/linked@${commit}`)).json.bytes).toBe(0);
  expect(filesOfFolder(snapshot).size).toBe(tiny.size);
  mkdirSync(at('cache', 'models'), { recursive: true });
  symlinkSync(at('source'), at('cache', 'models', 'mine'));
  expect((await vectormill('model', 'remove', 'mine')).code).toBe(0);
  expect(existsSync(at('cache', 'models', 'mine'))).toBe(false);
  expect(filesOfFolder(at('source')).size).toBe(tiny.size);
  expect((await vectormill('model', 'remove', at('source'))).code).toBe(2);
});

test('embed fetches a model by its name', async () => {
  hub.add('org/embedded', { files: tiny });
  const { code, stderr } = await vectormill(
    'embed',
    at('texts.jsonl'),
    '--model',
    'org/embedded',
    '--output',
    at('embedded'),
  );
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('org/embedded: revision main is commit');
});
