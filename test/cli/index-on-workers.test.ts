import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { IndexSummary } from '../../core/index/index-job.js';
import { BUILD_INDEX, type BuildIndexInput, indexWorkflowId } from '../../core/workflow-api.js';
import { openStore } from '../../engine/store/open-store.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { randomRows } from '../engine/index/random-rows.js';
import { writeVectorVersion } from '../engine/index/vector-version.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import {
  eventually,
  startTestWorker,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { filesBelow, vectormillJson } from './command-line.js';

const DIMENSIONS = 16;
const folder = useTemporaryFolder();
let namespace: TestNamespace;
let worker: TestWorker | undefined;
let version: ReadableVersion;

beforeAll(async () => {
  namespace = await testNamespace();
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace.namespace);
  const files = [randomRows(100, DIMENSIONS), randomRows(80, DIMENSIONS, 1)];
  version = await writeVectorVersion(openStore(folder.path), { dimensions: DIMENSIONS, files });
});
afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
  vi.unstubAllEnvs();
});

function build(name: string, ...more: string[]) {
  const options = ['--name', name, '--exact-below', '0', '--shard-rows', '100', '--recall', '0.9'];
  return vectormillJson('index', 'build', `${join(folder.path, 'test')}@v1`, ...options, ...more);
}

test('what cannot be built is refused before any worker is involved', async () => {
  const before = await filesBelow(folder.path);
  const outcome = await build('main', '--temporal', '--memory', '1B');
  expect(outcome).toMatchObject({ code: 2, json: { error: { code: 'USAGE' } } });
  expect(await filesBelow(folder.path)).toEqual(before);
  const executions = [];
  for await (const { type } of namespace.client.workflow.list({ query: `WorkflowType = '${BUILD_INDEX}'` }))
    executions.push(type);
  expect(executions).toEqual([]);
});

test('Ctrl-C ends the wait for a build on workers, and the build goes on', async () => {
  const id = indexWorkflowId({ location: version.location, name: 'left' });
  const handle = namespace.client.workflow.getHandle(id);
  const left = build('left', '--temporal');
  await eventually(async () => (await handle.describe()).status.name === 'RUNNING');
  process.emit('SIGINT');
  expect(await left).toEqual({ code: 0, json: { job: 'test@v1', index: 'left', detached: true } });
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
});

test('cancel --index ends a build of a named version, and nothing else', async () => {
  const id = indexWorkflowId({ location: version.location, name: 'ended' });
  const start = () =>
    namespace.client.workflow.start<(input: BuildIndexInput) => Promise<IndexSummary>>(BUILD_INDEX, {
      workflowId: id,
      taskQueue: 'control',
      args: [
        {
          job: {
            location: version.location,
            name: 'ended',
            request: { metric: 'cosine', recallTarget: 0.9 },
          },
        },
      ],
    });
  const running = await start();
  for (const line of [
    ['test', '--index', 'ended'],
    ['test@v1', '--index', 'ended', '--triplets', 'ended'],
  ])
    expect((await vectormillJson('cancel', ...line)).json.error).toMatchObject({ code: 'USAGE' });
  expect(await vectormillJson('cancel', 'test@v1', '--index', 'ended')).toMatchObject({ code: 0 });
  const own = startTestWorker(namespace);
  await expect(running.result()).rejects.toThrow();
  await own.stop();
  expect((await running.describe()).status.name).toBe('CANCELLED');
});

test('index build --temporal attaches to a running build, and prints what a local build prints', async () => {
  const job = {
    location: version.location,
    name: 'workers',
    request: { metric: 'cosine', recallTarget: 0.9, exactBelow: 0, shardRows: 100 } as const,
  };
  const running = await namespace.client.workflow.start<(input: BuildIndexInput) => Promise<IndexSummary>>(
    BUILD_INDEX,
    { workflowId: indexWorkflowId(job), taskQueue: 'control', args: [{ job }] },
  );
  const built = build('workers', '--temporal');
  worker = startTestWorker(namespace);
  const workers = await built;
  expect(workers).toMatchObject({ code: 0, json: { name: 'workers', standing: false, reusedShards: 0 } });
  expect((await running.describe()).runId).toBe(running.firstExecutionRunId);
  const local = await build('local');
  expect(Object.keys(workers.json)).toEqual(Object.keys(local.json));
  for (const key of ['kind', 'request', 'graph', 'reasons', 'source', 'engine'])
    expect(workers.json[key]).toEqual(local.json[key]);
  expect(workers.json.shards.map(({ content }: { content: string }) => content)).toEqual(
    local.json.shards.map(({ content }: { content: string }) => content),
  );
  expect(await build('workers', '--temporal')).toMatchObject({ code: 0, json: { standing: true } });
});
