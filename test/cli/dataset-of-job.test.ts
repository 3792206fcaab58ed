import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EMBED_JOB, queuesFor, workflowId } from '../../core/workflow-api.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { requireStack } from '../support/stack.js';
import { testNamespace } from '../support/temporal.js';
import { vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
const namespaceBefore = process.env.TEMPORAL_NAMESPACE;

beforeAll(async () => {
  await tinyDataset(folder.path);
  const { temporalAddress: address } = requireStack();
  const { namespace, close } = await testNamespace();
  await close();
  process.env.TEMPORAL_NAMESPACE = namespace;
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    for (const [version, output] of [
      ['v1', `file://${join(folder.path, 'out')}`],
      ['v2', `file://${join(folder.path, 'elsewhere')}`],
    ] as const) {
      await client.workflow.start(EMBED_JOB, {
        workflowId: workflowId({ dataset: 'letters', version }),
        taskQueue: 'nobody-serves-this',
        memo: { dataset: 'letters', version, output },
        args: [],
      });
    }
  } finally {
    await connection.close();
  }
});
afterAll(() => {
  if (namespaceBefore === undefined) delete process.env.TEMPORAL_NAMESPACE;
  else process.env.TEMPORAL_NAMESPACE = namespaceBefore;
});

test('a dataset without --output is looked for where its job wrote it: the named version, else the latest', async () => {
  await vi.waitFor(
    async () => {
      expect((await vectormillJson('list')).json).toHaveLength(2);
    },
    { timeout: 30_000, interval: 250 },
  );
  expect((await vectormillJson('inspect', 'letters@v1')).json).toMatchObject({
    dataset: 'letters',
    version: 'v1',
  });
  const latest = await vectormillJson('inspect', 'letters');
  expect(latest.json.error).toMatchObject({
    code: 'DATASET_NOT_FOUND',
    file: `file://${join(folder.path, 'elsewhere')}/letters`,
  });
});

test('list --status shows the datasets with their versions: state of the job, whether it can be read, and refs', async () => {
  const { json } = await vectormillJson('list', '--status');
  const job = { status: 'RUNNING', startedAt: expect.stringMatching(/^\d{4}-/) };
  expect(json).toEqual([
    {
      dataset: 'letters',
      output: `file://${join(folder.path, 'elsewhere')}`,
      versions: [{ version: 'v2', ...job, readable: false, refs: [] }],
      problem: null,
    },
    {
      dataset: 'letters',
      output: `file://${join(folder.path, 'out')}`,
      versions: [{ version: 'v1', ...job, readable: true, refs: ['current'] }],
      problem: null,
    },
  ]);
  expect((await vectormill('list', '--status', 'running')).stdout).toMatch(
    /^letters in file:.*elsewhere\n {2}v2 {2}RUNNING {2}\S+ {2}not readable yet\nletters in file:.*out\n {2}v1 {2}RUNNING {2}\S+ {2}readable {2}current\n$/,
  );
  expect((await vectormillJson('list', '--status', 'failed')).json).toEqual([]);
  expect((await vectormillJson('list', '--status', 'fine')).json.error.code).toBe('USAGE');
});

test('a dataset that no job made is refused with the ways to say where it lies', async () => {
  const { code, json } = await vectormillJson('inspect', 'numbers');
  expect(code).toBe(2);
  expect(json.error).toMatchObject({ code: 'USAGE', remedy: expect.stringContaining('--output') });
});

test('the doctor names the queues that nobody serves and how to serve them', async () => {
  const needed = queuesFor('embed-cpu');
  const { json } = await vectormillJson('doctor', '--model', join(folder.path, 'model'));
  expect(json.checks.find(({ name }: { name: string }) => name === 'workers')).toMatchObject({
    status: 'note',
    found: `nobody serves ${needed.join(', ')}`,
    remedy: expect.stringContaining(`vectormill worker --queues ${needed.join(',')}`),
  });
});
