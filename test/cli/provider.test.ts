import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepareJob } from '../../engine/job/prepare-job.js';
import { openEmbedder } from '../../engine/model/find/find-model.js';
import { openStore } from '../../engine/store/open-store.js';
import { loadTiktoken } from '../../engine/tokenizer/tiktoken-tokenizer.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { editRecord } from '../support/edit-record.js';
import { type EmbeddingServer, sendJson, startEmbeddingServer, status } from '../support/embedding-server.js';
import { writeFirstManifest } from '../support/listed-files.js';
import { writeCorpus } from '../support/test-job.js';
import { runJob, testProcess } from '../support/test-tools.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { LETTERS } from './tiny-dataset.js';

const KEY = 'sk-marker-Zq7vX2';
const VARIABLE = 'VECTORMILL_TEST_CLI_KEY';
const folder = useTemporaryFolder();
const at = (name: string) => join(folder.path, name);
let server: EmbeddingServer;

/** Returns the settings that a job has under `model`. */
const model = (more: Record<string, unknown> = {}) => ({
  source: 'a-model',
  max_tokens: 32,
  provider: { url: server.url, key_env: VARIABLE, tokenizer: 'cl100k_base', ...more },
});

const job = (dataset: string, more: Record<string, unknown> = {}) => ({
  dataset,
  input: './corpus',
  output: './out',
  model: model(),
  ...more,
});

beforeAll(async () => {
  process.env[VARIABLE] = KEY;
  server = await startEmbeddingServer();
  writeCorpus(folder.path, { 'corpus.jsonl': LETTERS });
  await writeFile(at('model.yaml'), JSON.stringify(model()));
  await writeFile(at('texts.jsonl'), '{"id": 1, "text": "a b"}\n{"id": 2, "text": "c"}\n');
  const { job: prepared } = await prepareJob(at('job.json'), JSON.stringify(job('letters')), openStore);
  const embedder = await openEmbedder(prepared.spec.model);
  const tokenizer = await loadTiktoken('cl100k_base');
  const { tools, ...process_ } = testProcess({ embedder });
  await runJob({ ...process_, tools: { ...tools, tokenizerOf: async () => tokenizer } }, prepared);
});
afterEach(() => {
  server.always = undefined;
});
afterAll(async () => {
  delete process.env[VARIABLE];
  await server.close();
});

describe("a file with a job's settings under `model`", () => {
  test('can be used as the model of encode', async () => {
    const { code, json } = await vectormillJson(
      ...[
        'encode',
        '--model',
        at('model.yaml'),
        '--input',
        at('texts.jsonl'),
        '--output',
        at('vectors.parquet'),
      ],
    );
    expect({ code, rows: json.rows, dimensions: json.dimensions }).toEqual({
      code: 0,
      rows: 2,
      dimensions: 8,
    });
    expect(json.model).toBe('a-model');
  });

  test('can be shown as a model, with other limits where they are given', async () => {
    const { json } = await vectormillJson('model', 'show', at('model.yaml'), '--max-tokens', '16');
    expect(json.signature).toMatchObject({ architecture: 'openai-embeddings', maxTokens: 16, dimensions: 8 });
    const text = await vectormill('model', 'show', at('model.yaml'));
    expect(text.stdout).toContain(`${server.url}/embeddings`);
  });

  test('can hold a model of any kind, with a path relative to its own folder', async () => {
    await writeFile(at('local.yaml'), 'source: ./nowhere\nmax_tokens: 8\n');
    const { code, json } = await vectormillJson('model', 'show', at('local.yaml'));
    expect(code).toBe(2);
    expect(json.error).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining(at('nowhere')),
    });
  });

  test.each([
    ['that is not there', undefined, 'MODEL_NOT_FOUND', 'cannot be read'],
    [
      'with an unknown key',
      'source: a\nprovider: {url: "http://h/v1", key: sk-marker-Zq7vX2}',
      'JOB_INVALID',
      '`provider.key`',
    ],
    [
      'with a key in place of its variable',
      'source: a\nprovider: {url: "http://h/v1", key_env: sk-marker-Zq7vX2}',
      'JOB_INVALID',
      'environment variable',
    ],
    [
      'with a password in the address',
      'source: a\nprovider: {url: "http://u:sk-marker-Zq7vX2@h/v1"}',
      'JOB_INVALID',
      'provider.url',
    ],
    [
      'with a key in the address',
      'source: a\nprovider: {url: "http://h/v1?key=sk-marker-Zq7vX2"}',
      'JOB_INVALID',
      'provider.url',
    ],
    ['that is no YAML', 'source: [', 'JOB_INVALID', ''],
  ])('%s is refused', async (_, text, code, message) => {
    if (text !== undefined) await writeFile(at('bad.yaml'), text);
    const file = text === undefined ? at('no.yaml') : at('bad.yaml');
    const outcome = await vectormillJson('model', 'show', file);
    expect(outcome).toMatchObject({ code: 2, json: { error: { code } } });
    expect(outcome.json.error.message).toContain(message);
    expect(JSON.stringify(outcome)).not.toContain('Zq7vX2');
  });
});

describe('a version whose vectors a provider made', () => {
  const place = () => at('out/letters');

  test("is searched and verified with the job's settings of the model", async () => {
    const { code, json } = await vectormillJson('search', place(), 'x y z', '--top', '1');
    expect(code).toBe(0);
    expect(json.hits).toMatchObject([{ docId: 'second', score: expect.closeTo(1, 5) }]);
    expect((await vectormill('verify', place())).code).toBe(0);
  });

  test('shows what it cost', async () => {
    const { json } = await vectormillJson('inspect', place());
    expect(json.cost).toEqual({ billedTokens: 12, amount: null, currency: 'USD' });
    expect((await vectormill('inspect', place())).stdout).toMatch(/cost +12 billed tokens/);
  });

  test('does not verify with another cost than its files record', async () => {
    const manifest = join(place(), 'versions', 'v1', 'manifest.json');
    const differences = async () => {
      const text = await readFile(manifest, 'utf8');
      editRecord(manifest, (record) =>
        JSON.parse(JSON.stringify(record).replaceAll('"billedTokens":12', '"billedTokens":13')),
      );
      const { code, json } = await vectormillJson('verify', place(), '--no-probe');
      await writeFile(manifest, text);
      expect(code).toBe(1);
      return json.differences;
    };
    const cost = {
      file: expect.stringContaining('manifest.json'),
      what: '`cost` is not what the commits say',
    };
    expect(await differences()).toEqual([cost]);
    // The first format lists what each file cost beside it.
    await writeFirstManifest(openStore(dirname(place())), { dataset: basename(place()), version: 'v1' });
    expect(await differences()).toContainEqual({
      file: expect.stringContaining('.parquet'),
      what: 'says another number of billed tokens',
    });
  });

  test('is searched with a model from a file where its space is the same, and with no other model', async () => {
    expect((await vectormill('search', place(), 'x', '--model', at('model.yaml'))).code).toBe(0);
    await writeFile(at('other.yaml'), JSON.stringify({ ...model(), source: 'another-model' }));
    const { code, json } = await vectormillJson('search', place(), 'x', '--model', at('other.yaml'));
    expect({ code, error: json.error.code }).toEqual({ code: 2, error: 'FINGERPRINT_MISMATCH' });
  });
});

describe('a job is refused before anything is written', () => {
  async function refused(dataset: string, more: Record<string, unknown>) {
    await writeFile(at(`${dataset}.json`), JSON.stringify(job(dataset, more)));
    const before = await filesBelow(folder.path);
    const { code, json } = await vectormillJson('run', at(`${dataset}.json`), '--detach');
    expect(await filesBelow(folder.path)).toEqual(before);
    expect(JSON.stringify(json)).not.toContain('Zq7vX2');
    return { exit: code, ...json.error };
  }

  test('where the provider refuses the key, and names the variable', async () => {
    server.always = (response, request) =>
      sendJson(response, 401, { error: { message: request.headers.authorization, code: KEY } });
    expect(await refused('denied', {})).toMatchObject({
      exit: 2,
      code: 'PROVIDER_DENIED',
      remedy: expect.stringContaining(VARIABLE),
    });
  });

  test('where the variable of the key is not set', async () => {
    const error = await refused('unset', { model: model({ key_env: 'VECTORMILL_TEST_NO_SUCH_KEY' }) });
    expect(error).toMatchObject({ exit: 2, code: 'PROVIDER_DENIED' });
  });

  test('where the model does not exist, or gives vectors of another length', async () => {
    server.always = status(404, { code: 'model_not_found' });
    expect(await refused('absent', {})).toMatchObject({ exit: 2, code: 'PROVIDER_REFUSED' });
    server.always = undefined;
    expect(await refused('length', { model: model({ dimensions: 9 }) })).toMatchObject({
      exit: 2,
      message: expect.stringContaining('8 numbers where 9'),
    });
  });
});
