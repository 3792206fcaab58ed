import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecondManifest } from '../../core/manifest.js';
import { workflowId } from '../../core/workflow-api.js';
import { localModels } from '../../workers/worker-tools.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { runCli, spawnCli } from '../support/built-cli.js';
import { letterDocuments } from '../support/letter-documents.js';
import {
  eventually,
  startWorkerWith,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';

const models = useTemporaryFolder();
let namespace: TestNamespace;
let worker: TestWorker | undefined;
let onTemporal: NodeJS.ProcessEnv;
/** An address at which no Temporal answers. */
const nowhere = { TEMPORAL_ADDRESS: '127.0.0.1:1', npm_command: '' };

beforeAll(async () => {
  namespace = await testNamespace();
  onTemporal = { TEMPORAL_NAMESPACE: namespace.namespace };
  await writeTinyModel(join(models.path, 'model'));
  writeCorpus(models.path, {
    'a.jsonl': letterDocuments(600),
  });
  expect(await runCli(['run', jobFile('undisturbed'), '--local'], nowhere)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

/** Returns a job of its own output over the same documents, in many small parts. */
function jobFile(output: string): string {
  const file = join(models.path, `${output}.yaml`);
  writeFileSync(
    file,
    `dataset: letters
input: ./corpus
output: ./${output}
model: ./model
vectors: {precision: int8}
parts: {rows: 8}
shard_bytes: 4096
`,
  );
  return file;
}

const versionFolder = (output: string) => join(models.path, output, 'letters', 'versions', 'v1');

/**
 * Returns the lists of a finished version, which hold the hash of every vector and chunk file, and
 * what its manifest counts.
 */
function contentOf(output: string): unknown {
  const folder = versionFolder(output);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as SecondManifest;
  const { totals, lists } = manifest;
  return { totals, lists };
}

/** Waits until a version has vector parts, so that what ends then ends in the middle. */
function untilEmbedding(output: string): Promise<void> {
  const parts = join(versionFolder(output), 'float32');
  return eventually(async () => existsSync(parts) && readdirSync(parts, { recursive: true }).length > 4);
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Returns the commands that a job's last lines name. */
const nextOf = (stdout: string) =>
  stdout
    .split('\nNext:\n')[1]
    ?.trimEnd()
    .split('\n')
    .map((line) => line.trim());
const nextCommands = (output: string) => {
  const place = join(models.path, output, 'letters');
  return [`vectormill search ${place} "a question of yours"`, `vectormill verify ${place}`];
};

const startWorker = () => {
  worker ??= startWorkerWith(namespace, localModels({ sessions: 1 }));
};

describe('run --local', () => {
  test('needs no server, and does nothing again where all is done', async () => {
    const again = await runCli(['run', jobFile('undisturbed'), '--local'], nowhere);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(/^letters@v1 was complete already; nothing was done\./);
    const json = await runCli(['run', jobFile('json'), '--local', '--json'], nowhere);
    expect({ code: json.code, ...JSON.parse(json.stdout) }).toMatchObject({
      code: 0,
      job: 'letters@v1',
      totals: { documents: 600 },
    });
    expect(contentOf('json')).toEqual(contentOf('undisturbed'));
  });

  test('is paused by Ctrl-C, and goes on', async () => {
    const file = jobFile('paused');
    const child = spawnCli(['run', file, '--local'], nowhere);
    let stderr = '';
    child.stderr!.on('data', (data) => {
      stderr += data;
    });
    await untilEmbedding('paused');
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(stderr).toContain(
      `letters@v1 is paused: its finished parts are kept. \`vectormill run ${file} --local\``,
    );
    expect(existsSync(join(versionFolder('paused'), 'manifest.json'))).toBe(false);
    const { code, stdout } = await runCli(['run', file, '--local'], nowhere);
    expect({ code, next: nextOf(stdout) }).toEqual({ code: 0, next: nextCommands('paused') });
    const [, verify = ''] = nextCommands('paused');
    expect(await runCli(verify.split(' ').slice(1), nowhere)).toMatchObject({ code: 0 });
    expect(contentOf('paused')).toEqual(contentOf('undisturbed'));
  });

  test('refuses what a job on Temporal refuses', async () => {
    const file = jobFile('refused');
    writeFileSync(file, readFileSync(file, 'utf8').replace('./corpus', './none'));
    const { code, stderr } = await runCli(['run', file, '--local'], nowhere);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('INPUT_NOT_FOUND') });
    expect(existsSync(versionFolder('refused'))).toBe(false);
    const both = await runCli(['run', jobFile('refused'), '--local', '--detach'], nowhere);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--detach') });
  });
});

describe('a job that is killed', () => {
  test('in a local process is finished by workers, byte for byte', async () => {
    const child = spawnCli(['run', jobFile('local-first'), '--local'], nowhere);
    await untilEmbedding('local-first');
    await killed(child);
    expect(existsSync(join(versionFolder('local-first'), 'manifest.json'))).toBe(false);
    startWorker();
    const { code, stdout } = await runCli(['run', jobFile('local-first')], onTemporal);
    expect({ code, next: nextOf(stdout) }).toEqual({ code: 0, next: nextCommands('local-first') });
    expect(contentOf('local-first')).toEqual(contentOf('undisturbed'));
  });

  test('with its worker is finished by a local process, byte for byte', async () => {
    await worker?.stop();
    worker = undefined;
    const child = spawnCli(['worker'], onTemporal);
    const job = spawnCli(['run', jobFile('worker-first'), '--json'], onTemporal);
    await untilEmbedding('worker-first');
    await killed(child);
    await killed(job);
    const outcome = await runCli(['run', jobFile('worker-first'), '--local'], onTemporal);
    expect(outcome).toMatchObject({ code: 0 });
    expect(contentOf('worker-first')).toEqual(contentOf('undisturbed'));
    // The job that Temporal still holds finds all done, and its float32 parts gone.
    startWorker();
    const handle = namespace.client.workflow.getHandle(workflowId({ dataset: 'letters', version: 'v1' }));
    expect(await handle.result()).toMatchObject({ wasComplete: true, totals: { documents: 600 } });
  });
});

test('a local process beside a worker ends with one result', async () => {
  startWorker();
  const outcomes = await Promise.all([
    runCli(['run', jobFile('both'), '--json'], onTemporal),
    runCli(['run', jobFile('both'), '--local', '--json'], nowhere),
  ]);
  expect(outcomes.map(({ code, stderr }) => (code === 0 ? code : stderr))).toEqual([0, 0]);
  const [one, other] = outcomes.map(({ stdout }) => JSON.parse(stdout));
  expect(one.totals).toEqual(other.totals);
  expect(contentOf('both')).toEqual(contentOf('undisturbed'));
});

test('a local process beside a job that waits on Temporal says so in its result, and both end with one', async () => {
  await worker?.stop();
  worker = undefined;
  const id = workflowId({ dataset: 'letters', version: 'v1' });
  const waiting = namespace.client.workflow.getHandle(id);
  /** Runs a job here that waits on Temporal. Returns its result. */
  const beside = async (output: string) => {
    const file = jobFile(output);
    expect(await runCli(['run', file, '--detach'], onTemporal)).toMatchObject({ code: 0 });
    const { code, stdout } = await runCli(['run', file, '--local', '--json'], onTemporal);
    return { output, code, result: JSON.parse(stdout) };
  };
  let outcome = await beside('beside-1');
  // A job does not wait for what Temporal answers, so on a busy machine it may end before.
  for (let attempt = 2; attempt <= 5 && outcome.result.alsoOnTemporal === undefined; attempt += 1) {
    await waiting.terminate();
    outcome = await beside(`beside-${attempt}`);
  }
  const { output, code, result } = outcome;
  expect({ code, ...result }).toMatchObject({ code: 0, job: 'letters@v1', alsoOnTemporal: id });
  startWorker();
  const { totals, manifest } = result;
  expect(await waiting.result()).toMatchObject({ totals, manifest });
  expect(contentOf(output)).toEqual(contentOf('undisturbed'));
});
