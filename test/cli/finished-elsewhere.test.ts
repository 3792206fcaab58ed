import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { shardName } from '../../core/ids.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { indexWorkflowId, miningWorkflowId } from '../../core/workflow-api.js';
import type { MiningManifest } from '../../engine/mining/finish-mining.js';
import { openStore } from '../../engine/store/open-store.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { localModels } from '../../workers/worker-tools.js';
import { randomRows } from '../engine/index/random-rows.js';
import { writeVectorVersion } from '../engine/index/vector-version.js';
import { CROSS_ENCODERS } from '../engine/model/cross-encoders.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { spawnCli } from '../support/built-cli.js';
import { letterDocuments } from '../support/letter-documents.js';
import {
  eventually,
  startWorkerWith,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
const at = (...path: string[]) => join(folder.path, ...path);
let namespace: TestNamespace;
let workers: TestWorker | undefined;

beforeAll(async () => {
  namespace = await testNamespace();
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace.namespace);
});
afterAll(async () => {
  await workers?.stop();
  vi.unstubAllEnvs();
  await namespace?.close();
});

const startWorkers = (...queues: NonNullable<Parameters<typeof startWorkerWith>[2]>['queues'] & object) =>
  startWorkerWith(namespace, localModels({ sessions: 1 }), queues.length > 0 ? { queues } : {});

/** Starts a command, and sends it a signal as soon as a file is there. Returns its output. */
async function interrupted(line: readonly string[], file: string, signal: NodeJS.Signals) {
  const child = spawnCli(line);
  let stderr = '';
  child.stderr!.on('data', (data) => {
    stderr += data;
  });
  const closed = once(child, 'close');
  while (!existsSync(file) && child.exitCode === null) await setTimeout(2);
  child.kill(signal);
  const [code] = await closed;
  return { code, stderr };
}

/** Returns the command that an interrupted one named, as words. */
const namedIn = (stderr: string) => /`vectormill (.*)` goes on with it/.exec(stderr)?.[1]?.split(' ') ?? [];

describe('mining', () => {
  const triplets = (name: string, ...path: string[]) =>
    at('out', 'letters', 'versions', 'v1', 'triplets', name, ...path);
  /** The candidates of the last shard. Once they are there, what is left begins with a model. */
  const searched = (name: string) => triplets(name, 'candidates', `${shardName(1)}.json`);
  const isMined = (name: string) => existsSync(triplets(name, 'manifest.json'));

  function mineFile(name: string): string {
    const file = at(`${name}.yaml`);
    const crossEncoder = { model: join(CROSS_ENCODERS, 'saved'), top: 10, max_cross_score: 1 };
    writeFileSync(
      file,
      JSON.stringify({
        dataset: 'letters',
        output: './out',
        name,
        split: { dev_share: 0.5, seed: 1 },
        cross_encoder: crossEncoder,
        mining: { near_duplicate: 'off' },
      }),
    );
    return file;
  }

  /** Returns what was mined, whatever its name is: the hashes of the files, and the counts. */
  function contentOf(name: string): unknown {
    const { files, totals } = JSON.parse(
      readFileSync(triplets(name, 'manifest.json'), 'utf8'),
    ) as MiningManifest;
    return { totals, files: files.map(({ key, sha256 }) => [key.split('/').slice(5), sha256]) };
  }

  beforeAll(async () => {
    await tinyDataset(folder.path, { lines: letterDocuments(240) });
    expect(await vectormill('mine', mineFile('undisturbed'))).toMatchObject({ code: 0 });
  });

  test('that was paused in this process goes on with the command that it names', async () => {
    const { code, stderr } = await interrupted(['mine', mineFile('paused')], searched('paused'), 'SIGINT');
    expect({ code, isMined: isMined('paused') }).toEqual({ code: 0, isMined: false });
    expect(await vectormill(...namedIn(stderr))).toMatchObject({ code: 0 });
    expect(contentOf('paused')).toEqual(contentOf('undisturbed'));
  });

  test('that was killed in this process is finished by workers, byte for byte', async () => {
    const file = mineFile('local-first');
    await interrupted(['mine', file, '--local'], searched('local-first'), 'SIGKILL');
    expect(isMined('local-first')).toBe(false);
    workers ??= startWorkers();
    expect(await vectormill('mine', file, '--temporal')).toMatchObject({ code: 0 });
    expect(contentOf('local-first')).toEqual(contentOf('undisturbed'));
  });

  test('that lost its workers is finished in this process, byte for byte', async () => {
    await workers?.stop();
    workers = undefined;
    const file = mineFile('workers-first');
    // These find candidates. Nobody serves the queue on which the cross-encoder scores them.
    const own = startWorkers('control', 'mine-cpu');
    const detached = vectormill('mine', file, '--temporal');
    await eventually(async () => existsSync(searched('workers-first')));
    await own.stop();
    process.emit('SIGINT');
    expect(await detached).toMatchObject({ code: 0, stderr: expect.stringContaining('goes on') });
    expect(isMined('workers-first')).toBe(false);
    expect(await vectormill('mine', file, '--local')).toMatchObject({ code: 0 });
    expect(contentOf('workers-first')).toEqual(contentOf('undisturbed'));
    // The workflow that Temporal still holds finds all done.
    const files = await filesBelow(triplets('workers-first'));
    workers = startWorkers();
    const spec = { dataset: 'letters', version: 'v1', name: 'workers-first' };
    await namespace.client.workflow.getHandle(miningWorkflowId(spec)).result();
    expect(await filesBelow(triplets('workers-first'))).toEqual(files);
  });
});

describe('an index', () => {
  const DIMENSIONS = 16;
  const ROWS = 1500;
  let version: ReadableVersion;
  const place = (name: string, ...path: string[]) => at('test', 'versions', 'v1', 'index', name, ...path);
  const line = (name: string, ...more: string[]) => [
    ...['index', 'build', `${at('test')}@v1`, '--name', name, '--exact-below', '0', '--recall', '0.5'],
    ...['--shard-rows', String(ROWS), '--m', '16', '--ef-construction', '200', ...more],
  ];
  const graphs = (name: string) =>
    existsSync(place(name)) ? readdirSync(place(name)).filter((file) => /^[0-9a-f]+\.json$/.test(file)) : [];
  const isPublished = (name: string) => existsSync(place(name, 'manifest.json'));

  /** Ends the process of a build once its first graph is there. Resolves to the exit code. */
  async function stopped(child: ChildProcess, name: string, signal: NodeJS.Signals): Promise<number | null> {
    const closed = once(child, 'close');
    child.stdout!.resume();
    while (graphs(name).length === 0 && child.exitCode === null) await setTimeout(2);
    child.kill(signal);
    const [code] = await closed;
    return code;
  }

  /** Returns the graphs of an index by what they are made of, and their hashes. */
  function shardsOf(name: string): [content: string, sha256: string][] {
    const { shards } = JSON.parse(readFileSync(place(name, 'manifest.json'), 'utf8')) as IndexManifest;
    return shards.map(({ content, sha256 }) => [content, sha256]);
  }
  const contents = (name: string) => shardsOf(name).map(([content]) => content);

  beforeAll(async () => {
    const files = [0, 1, 2, 3].map((seed) => randomRows(ROWS, DIMENSIONS, seed));
    version = await writeVectorVersion(openStore(folder.path), { dimensions: DIMENSIONS, files });
    expect(await vectormill(...line('undisturbed', '--threads', '1'))).toMatchObject({ code: 0 });
  });

  test('that was paused in this process goes on, graph for graph the same', async () => {
    const child = spawnCli(line('paused', '--threads', '1'));
    let stderr = '';
    child.stderr!.on('data', (data) => {
      stderr += data;
    });
    expect(await stopped(child, 'paused', 'SIGINT')).toBe(0);
    expect(isPublished('paused')).toBe(false);
    const { code, json } = await vectormillJson(...namedIn(stderr));
    expect({ code, reused: json.reusedShards > 0 }).toEqual({ code: 0, reused: true });
    expect(shardsOf('paused')).toEqual(shardsOf('undisturbed'));
  });

  test('that was killed in this process is finished by workers, which keep its graphs', async () => {
    await stopped(spawnCli(line('local-first', '--threads', '1')), 'local-first', 'SIGKILL');
    expect(isPublished('local-first')).toBe(false);
    const kept = graphs('local-first').length;
    workers ??= startWorkers();
    const { code, json } = await vectormillJson(...line('local-first', '--temporal'));
    expect({ code, kept: json.reusedShards >= kept }).toEqual({ code: 0, kept: true });
    expect(contents('local-first')).toEqual(contents('undisturbed'));
    expect(await vectormill('index', 'verify', `${at('test')}@v1`, '--name', 'local-first')).toMatchObject({
      code: 0,
    });
  });

  test('that lost its workers is finished in this process, which keeps their graphs', async () => {
    await workers?.stop();
    workers = undefined;
    const worker = spawnCli(['worker', '--queues', 'control,index-cpu']);
    const detached = vectormill(...line('workers-first', '--temporal'));
    await stopped(worker, 'workers-first', 'SIGKILL');
    process.emit('SIGINT');
    expect(await detached).toMatchObject({ code: 0 });
    expect(isPublished('workers-first')).toBe(false);
    const kept = graphs('workers-first').length;
    const { code, json } = await vectormillJson(...line('workers-first', '--local'));
    expect({ code, kept: json.reusedShards >= kept }).toEqual({ code: 0, kept: true });
    expect(contents('workers-first')).toEqual(contents('undisturbed'));
    const id = indexWorkflowId({ location: version.location, name: 'workers-first' });
    await namespace.client.workflow.getHandle(id).terminate();
  });
});
