import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest, SecondManifest } from '../../core/manifest.js';
import type { VectorPartFile } from '../../core/part.js';
import { cacheFolder } from '../../engine/files/cache-folder.js';
import { readChunkFile } from '../../engine/parquet/chunk-file.js';
import { readVectorFile } from '../../engine/parquet/vector-file.js';
import type { PartEvent } from '../../engine/steps/step-context.js';
import { openStore } from '../../engine/store/open-store.js';
import { readManifest } from '../../engine/version/read-manifest.js';
import { runCli } from '../support/built-cli.js';
import { listedFiles } from '../support/listed-files.js';
import { readmeCorpus } from '../support/readme-corpus.js';
import { testNamespace } from '../support/temporal.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

const KILLS = 10;
const MODEL = join(cacheFolder(), 'models', 'all-MiniLM-L6-v2');

describe.skipIf(!existsSync(MODEL))('a worker killed ten times (needs the pulled model)', () => {
  let folder: string;
  const workers: WorkerProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vectormill-kill-'));
    await writeFile(join(folder, 'corpus.jsonl'), readmeCorpus(30));
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await rm(folder, { recursive: true, force: true });
  });

  async function runJob(output: string, kills: number): Promise<PartEvent[]> {
    const { namespace, close } = await testNamespace();
    await close();
    const environment = { TEMPORAL_NAMESPACE: namespace };
    const jobFile = join(folder, `${output}.yaml`);
    await writeFile(
      jobFile,
      `dataset: readmes\ninput: corpus.jsonl\noutput: ./${output}\nmodel: all-MiniLM-L6-v2\nparts: {tokens: 2000}\nshard_bytes: 40000\n`,
    );
    const run = runCli(['run', jobFile, '--json'], environment);
    const events: PartEvent[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const worker = startWorkerProcess(environment);
      workers.push(worker);
      await worker.nextPart();
      await setTimeout(Math.random() * 1000);
      await worker.kill();
      events.push(...worker.events);
    }
    const last = startWorkerProcess(environment);
    workers.push(last);
    const { code, stderr } = await run;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    await last.stop();
    return [...events, ...last.events];
  }

  async function readRows(output: string) {
    const root = join(folder, output);
    const manifest = await readManifest(openStore(root), 'readmes/versions/v1/manifest.json');
    const { chunkFiles, vectorFiles } = await listedFiles(openStore(root), manifest);
    const rows = [];
    for (const [index, part] of chunkFiles.entries()) {
      const vectorPart = vectorFiles[index]!;
      const chunks = readChunkFile(await readFile(join(root, part.key)), part.key);
      const vectors = readVectorFile(await readFile(join(root, vectorPart.key)), vectorPart.key);
      for (const [row, chunk] of chunks.rows.entries()) {
        const at = row * vectors.dimensions;
        rows.push({ chunk, vector: vectors.vectors.slice(at, at + vectors.dimensions) });
      }
    }
    return { manifest, rows, vectorFiles };
  }

  test('leaves the manifest of an undisturbed run and computes at most one part again a kill', async () => {
    await runJob('undisturbed', 0);
    const events = await runJob('killed', KILLS);

    const expected = await readRows('undisturbed');
    const actual = await readRows('killed');
    expect(actual.rows.map(({ chunk }) => chunk)).toEqual(expected.rows.map(({ chunk }) => chunk));
    expect(new Set(actual.rows.map(({ chunk }) => chunk.chunkId)).size).toBe(actual.rows.length);
    const { totals: expectedTotals, ...expectedRest } = comparable(expected);
    const { totals, ...rest } = comparable(actual);
    expect(rest).toEqual(expectedRest);
    expect(totals).toEqual(expectedTotals);
    const cosines = actual.rows.map(({ vector }, row) => dot(vector, expected.rows[row]!.vector));
    expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.99999);

    const started = events.filter(({ event }) => event === 'part.started').map(partOf);
    expect(started.length - new Set(started).size).toBeLessThanOrEqual(KILLS);

    const verified = await runCli(['verify', 'readmes', '--output', join(folder, 'killed'), '--json']);
    expect(verified.code).toBe(0);
  }, 900_000);
});

/**
 * Returns the content that must be equal in two runs: everything except wall times and the bytes of
 * vectors that were computed twice.
 */
function comparable({
  manifest,
  vectorFiles,
}: {
  manifest: Manifest;
  vectorFiles: readonly VectorPartFile[];
}) {
  const { timings: _timings, probe: _probe, lists: _lists, ...rest } = manifest as SecondManifest;
  const { outputBytes: _bytes, ...totals } = rest.totals;
  return {
    ...rest,
    totals,
    vectorFiles: vectorFiles.map(({ key, start, end, firstKey, lastKey }) => ({
      key,
      start,
      end,
      firstKey,
      lastKey,
    })),
  };
}

function partOf({ stage, shard, start }: PartEvent): string {
  return `${stage}/${shard}/${start}`;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}
