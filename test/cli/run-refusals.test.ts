import { existsSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { workflowId } from '../../core/workflow-api.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { requireStack } from '../support/stack.js';
import { testNamespace } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

const folder = useTemporaryFolder();
const namespaceBefore = process.env.TEMPORAL_NAMESPACE;
let client: Client;
let connection: Connection;

beforeAll(async () => {
  const { namespace, close } = await testNamespace();
  await close();
  process.env.TEMPORAL_NAMESPACE = namespace;
  connection = await Connection.connect({ address: requireStack().temporalAddress });
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  await connection.close();
  if (namespaceBefore === undefined) delete process.env.TEMPORAL_NAMESPACE;
  else process.env.TEMPORAL_NAMESPACE = namespaceBefore;
});
beforeEach(async () => {
  await writeTinyModel(join(folder.path, 'model'));
  writeCorpus(folder.path, { 'corpus.jsonl': [{ _id: 'first', text: 'a b c' }] });
});

async function jobFile(dataset: string, more: Record<string, unknown> = {}): Promise<string> {
  const file = join(folder.path, `${dataset}.json`);
  const job = { dataset, input: './corpus', output: './out', model: './model', ...more };
  await writeFile(file, JSON.stringify(job));
  return file;
}

/** Runs a job that must be refused before anything is written or started. */
async function refused(dataset: string, more: Record<string, unknown> = {}) {
  const file = await jobFile(dataset, more);
  const before = await filesBelow(folder.path);
  const { code, json } = await vectormillJson('run', file, '--detach');
  expect(code).toBe(2);
  expect(await filesBelow(folder.path)).toEqual(before);
  return json.error;
}

describe('a job is refused with nothing written', () => {
  test('for weights that are cut short', async () => {
    const weights = join(folder.path, 'model', 'model.safetensors');
    await truncate(weights, 2000);
    expect(await refused('weights')).toMatchObject({ code: 'MODEL_INVALID', file: weights });
  });

  test('for a tokenizer that cannot be read', async () => {
    const tokenizer = join(folder.path, 'model', 'tokenizer.json');
    await writeFile(tokenizer, '{');
    expect(await refused('tokenizer')).toMatchObject({ code: 'MODEL_INVALID', file: tokenizer });
  });

  test('for a corpus of empty objects', async () => {
    await writeFile(join(folder.path, 'corpus', 'corpus.jsonl'), '');
    expect(await refused('empty')).toMatchObject({ code: 'INPUT_EMPTY' });
  });

  test('for a corpus of several formats', async () => {
    await writeFile(join(folder.path, 'corpus', 'more.csv'), '_id,text\nb,b\n');
    expect(await refused('formats')).toMatchObject({ code: 'INPUT_UNSUPPORTED' });
    await writeFile(join(folder.path, 'corpus', 'more.csv'), '');
  });
});

test('a job that runs is attached to, but not by a job that asks for something else', async () => {
  const file = await jobFile('letters');
  expect((await vectormill('run', file, '--detach')).code).toBe(0);
  const again = await vectormill('run', file, '--detach');
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('letters@v1 is running already; '),
  });
  expect(await refused('letters', { output: './elsewhere' })).toMatchObject({
    code: 'VERSION_CONFLICT',
    message: expect.stringMatching(/output/),
  });
  expect(existsSync(join(folder.path, 'elsewhere'))).toBe(false);
  expect(await refused('letters', { model: { source: './model', max_tokens: 8 } })).toMatchObject({
    code: 'FINGERPRINT_MISMATCH',
  });
});

test('a job that is being cancelled is not started again until it has ended', async () => {
  const file = await jobFile('ending');
  expect((await vectormill('run', file, '--detach')).stdout).toContain('ending@v1 is started');
  // There is no worker that could end the job.
  await vectormill('cancel', 'ending@v1');
  expect(await refused('ending')).toMatchObject({ code: 'JOB_CANCELLING' });
});

test.each(['pause', 'resume'])('a job that has ended cannot %s', async (verb) => {
  await vectormill('run', await jobFile(verb), '--detach');
  await client.workflow.getHandle(workflowId({ dataset: verb, version: 'v1' })).terminate();
  const { code, json } = await vectormillJson(verb, `${verb}@v1`);
  expect(code).toBe(2);
  expect(json.error).toMatchObject({ code: 'JOB_NOT_FOUND', message: expect.stringContaining('not run') });
});

test.each([['list'], ['status', 'letters@v1']])(
  '%s says that the server does not know the namespace',
  async (...line) => {
    const { TEMPORAL_NAMESPACE: known } = process.env;
    process.env.TEMPORAL_NAMESPACE = 'nobody-made-this';
    try {
      const { code, json } = await vectormillJson(...line);
      expect(code).toBe(1);
      expect(json.error).toMatchObject({
        code: 'TEMPORAL_UNAVAILABLE',
        message: expect.stringContaining('nobody-made-this'),
      });
    } finally {
      process.env.TEMPORAL_NAMESPACE = known;
    }
  },
);
