import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { searchTemporal } from '../../cli/job/same-work.js';
import { findRunning } from '../../cli/temporal/find-running.js';
import { EMBED_JOB } from '../../core/workflow-api.js';
import { eventually, type TestNamespace, testNamespace } from '../support/temporal.js';

const ID = 'vectormill/letters/v1';
const OUTPUT = 'file:///out';
const never = new AbortController().signal;

let namespace: TestNamespace;

beforeAll(async () => {
  namespace = await testNamespace();
  // No worker serves the namespace, so that the job runs until the end.
  await namespace.client.workflow.start(EMBED_JOB, {
    workflowId: ID,
    taskQueue: 'control',
    memo: { output: OUTPUT },
    args: [],
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
afterAll(async () => {
  await namespace.client.workflow.getHandle(ID).terminate();
  await namespace.close();
});

test('work of the same name and place is found, and no other', async () => {
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace.namespace);
  expect(await findRunning(['vectormill/other/v1', ID], `${OUTPUT}/`, never)).toBe(ID);
  expect(await findRunning([ID], 'file:///elsewhere', never)).toBeUndefined();
  expect(await findRunning(['vectormill/other/v1'], OUTPUT, never)).toBeUndefined();
});

test('a person is told on stderr, and a program by the result alone', async () => {
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace.namespace);
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const search = searchTemporal({ workflowIds: [ID], output: OUTPUT, json: false });
  await eventually(async () => search.found() === ID);
  expect(said).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(`note: Temporal runs ${ID}, `));
  const silent = searchTemporal({ workflowIds: [ID], output: OUTPUT, json: true });
  await eventually(async () => silent.found() === ID);
  expect(said).toHaveBeenCalledOnce();
  for (const each of [search, silent]) each.stop();
});

test('nobody is asked where no server is named, and one that does not answer is nobody', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  expect(await findRunning([ID], OUTPUT, never)).toBeUndefined();
  vi.stubEnv('TEMPORAL_ADDRESS', '');
  vi.stubEnv('XDG_CONFIG_HOME', '/nowhere');
  expect(await findRunning([ID], OUTPUT, never)).toBeUndefined();
});
