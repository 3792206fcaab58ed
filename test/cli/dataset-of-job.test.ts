import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queuesFor } from '../../core/queues.js';
import { EMBED_JOB, workflowId } from '../../core/workflow-api.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { requireStack } from '../support/stack.js';
import { testNamespace } from '../support/temporal.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
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
  await vi.waitFor(
    async () => {
      expect((await vectormillJson('list')).json).toHaveLength(2);
    },
    { timeout: 30_000, interval: 250 },
  );
});
afterAll(() => {
  if (namespaceBefore === undefined) delete process.env.TEMPORAL_NAMESPACE;
  else process.env.TEMPORAL_NAMESPACE = namespaceBefore;
});

test('list --status shows the datasets with their versions: state of the job, whether it is readable, and refs', async () => {
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

/** Every command that takes a dataset, with a dataset argument that names no version. */
const COMMANDS: readonly (readonly string[])[] = [
  ['inspect', 'letters'],
  ['rejects', 'letters'],
  ['search', 'letters', 'a', '--mode', 'bm25'],
  ['verify', 'letters', '--no-probe'],
  ['promote', 'letters@current', '--ref', 'other'],
  ['index', 'list', 'letters'],
  ['index', 'build', 'letters'],
  ['index', 'verify', 'letters'],
];

const root = (name: string) => `file://${join(folder.path, name)}`;

test('a dataset without --output is read where its job wrote it, and every command says where that is', async () => {
  const build = COMMANDS.find(([, second]) => second === 'build')!;
  for (const line of [build, ...COMMANDS.filter((other) => other !== build)]) {
    const text = await vectormill(...line);
    expect({ line, code: text.code }).toEqual({ line, code: 0 });
    expect(text.stderr).toContain(`letters is read in ${root('out')}, where its jobs wrote it`);
    const { json } = await vectormillJson(...line);
    for (const result of [json].flat()) expect(result).toMatchObject({ output: root('out') });
  }
});

test('a dataset that lies in several places is refused by every command, and read where one place is named', async () => {
  await cp(join(folder.path, 'out'), join(folder.path, 'elsewhere'), { recursive: true });
  const before = await filesBelow(folder.path);
  for (const line of COMMANDS) {
    const { code, json } = await vectormillJson(...line);
    expect({ line, code, error: json.error?.code }).toEqual({ line, code: 2, error: 'USAGE' });
    for (const name of ['out', 'elsewhere']) expect(json.error.message).toContain(root(name));
    expect(json.error.remedy).toContain('--output');
  }
  expect(await filesBelow(folder.path)).toEqual(before);
  const named = await vectormill('inspect', 'letters', '--output', join(folder.path, 'elsewhere'));
  expect(named).toMatchObject({ code: 0, stderr: '' });
  // The version says which job is meant, and that job wrote to one place.
  expect((await vectormillJson('inspect', 'letters@v1')).json).toMatchObject({ output: root('out') });
});

test('a dataset that no job made is refused with the ways to say where it lies', async () => {
  const { code, json } = await vectormillJson('inspect', 'numbers');
  expect(code).toBe(2);
  expect(json.error).toMatchObject({ code: 'USAGE', remedy: expect.stringContaining('--output') });
});

test('the doctor names the queues that no worker serves and how to serve them', async () => {
  const needed = queuesFor('embed-cpu');
  const { json } = await vectormillJson('doctor', '--model', join(folder.path, 'model'));
  expect(json.checks.find(({ name }: { name: string }) => name === 'workers')).toMatchObject({
    status: 'note',
    found: `nobody serves ${needed.join(', ')}`,
    remedy: expect.stringContaining(`vectormill worker --queues ${needed.join(',')}`),
  });
});
