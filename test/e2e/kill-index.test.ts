import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { indexLayout } from '../../core/index/index-layout.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { sha256 } from '../../engine/files/hash.js';
import { openIndex } from '../../engine/index/open-index.js';
import { searchIndex } from '../../engine/index/search-index.js';
import { openStore } from '../../engine/store/open-store.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { eachRow, randomRows } from '../engine/index/random-rows.js';
import { writeVectorVersion } from '../engine/index/vector-version.js';
import { runCli, spawnCli } from '../support/built-cli.js';
import { eventually, testNamespace } from '../support/temporal.js';

const DIMENSIONS = 64;
const GRAPHS = 6;
const GRAPH_ROWS = 2000;

let folder: string;
let version: ReadableVersion;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectormill-kill-index-'));
  const files = Array.from({ length: GRAPHS }, (_, file) => randomRows(GRAPH_ROWS, DIMENSIONS, file));
  version = await writeVectorVersion(openStore(folder), { dimensions: DIMENSIONS, files });
});
afterAll(async () => {
  await Promise.all(children.map(kill));
  await rm(folder, { recursive: true, force: true });
});

function buildLine(name: string, ...more: string[]): string[] {
  const place = `${join(folder, 'test')}@v1`;
  const rows = String(GRAPH_ROWS);
  return [
    'index',
    'build',
    place,
    '--name',
    name,
    '--exact-below',
    '0',
    '--shard-rows',
    rows,
    '--json',
    ...more,
  ];
}

function spawn(line: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawnCli(line, environment);
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Returns the number of graphs of an index that are complete, counted by their records. */
async function recorded(name: string): Promise<number> {
  let records = 0;
  const { prefix, manifest } = indexLayout('test', 'v1', name);
  for await (const { key } of version.store.list(`${prefix}/`))
    if (key.endsWith('.json') && key !== manifest) records += 1;
  return records;
}

/** Returns the name and the hash of each graph of an index. */
async function graphsOf(name: string): Promise<string[][]> {
  const { manifest } = indexLayout('test', 'v1', name);
  const { shards } = JSON.parse(await readFile(join(folder, manifest), 'utf8')) as IndexManifest;
  return shards.map(({ content, sha256: hash }) => [content, hash]);
}

async function isWhole(name: string): Promise<void> {
  const layout = indexLayout('test', 'v1', name);
  const manifest = JSON.parse(await readFile(join(folder, layout.manifest), 'utf8')) as IndexManifest;
  expect(manifest.shards).toHaveLength(GRAPHS);
  expect(manifest.shards.reduce((sum, { rows }) => sum + rows, 0)).toBe(GRAPHS * GRAPH_ROWS);
  expect(manifest.gate.recall).toBeGreaterThanOrEqual(0.95);
  for (const { content, sha256: listed } of manifest.shards)
    expect(sha256(await version.store.get(layout.shard(content)))).toBe(listed);
  const index = await openIndex(version, name);
  const queries = eachRow(randomRows(GRAPH_ROWS, DIMENSIONS, 3), DIMENSIONS).slice(0, 50);
  const found = await searchIndex(version, index, queries, 1);
  expect(found.filter(([first]) => first!.score > 0.9999).length).toBeGreaterThanOrEqual(48);
  await index.close();
}

describe('an index build killed with SIGKILL', () => {
  test('continues with the missing graphs, and can be searched only when all exist', async () => {
    for (const moment of [0, 1, 3, 5]) {
      const child = spawn(buildLine('local', '--local', '--threads', '1'));
      await eventually(async () => (await recorded('local')) >= moment);
      await kill(child);
      await expect(openIndex(version, 'local')).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
    }
    const before = await recorded('local');
    const { code, stdout } = await runCli(buildLine('local', '--local', '--threads', '1'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ standing: false });
    expect(JSON.parse(stdout).reusedShards).toBeGreaterThanOrEqual(before);
    await isWhole('local');
    // With one thread, graphs of the same rows have the same bytes.
    await runCli(buildLine('undisturbed', '--local', '--threads', '1'));
    expect(await graphsOf('local')).toEqual(await graphsOf('undisturbed'));
  }, 300_000);

  test('in a process of its own is finished by a worker, and the other way round', async () => {
    const { namespace, close } = await testNamespace();
    await close();
    const environment = { TEMPORAL_NAMESPACE: namespace };
    const child = spawn(buildLine('mixed', '--local'));
    await eventually(async () => (await recorded('mixed')) >= 1);
    await kill(child);
    const waiting = spawn(buildLine('mixed', '--temporal'), environment);
    const worker = spawn(['worker', '--queues', 'control,index-cpu'], environment);
    const before = await recorded('mixed');
    await eventually(async () => (await recorded('mixed')) > before);
    await kill(worker);
    await kill(waiting);
    expect(await runCli(buildLine('mixed', '--local'))).toMatchObject({ code: 0 });
    await isWhole('mixed');
  }, 300_000);

  test('on a worker is taken over by the next worker, and ends as if undisturbed', async () => {
    const { namespace, close } = await testNamespace();
    await close();
    const environment = { TEMPORAL_NAMESPACE: namespace };
    const running = runCli(buildLine('workers', '--temporal'), environment);
    for (const moment of [1, 3]) {
      const worker = spawn(['worker'], environment);
      await eventually(async () => (await recorded('workers')) >= moment);
      await kill(worker);
      expect(await version.store.head(indexLayout('test', 'v1', 'workers').manifest)).toBeUndefined();
    }
    spawn(['worker'], environment);
    const { code, stdout, stderr } = await running;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'workers', kind: 'hnsw', standing: false });
    await isWhole('workers');
  }, 300_000);
});
