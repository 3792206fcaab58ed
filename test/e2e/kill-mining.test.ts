import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../engine/hash.js';
import { openStore } from '../../engine/store/open-store.js';
import { tinyDataset } from '../cli/tiny-dataset.js';
import { runCli, spawnCli } from '../support/built-cli.js';
import { testNamespace } from '../support/temporal.js';
import { startWorker, type WorkerProcess } from '../support/worker-process.js';

const DOCUMENTS = 1000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Six shards of up to 200 queries, three of train and three of dev. */
const JOB = `dataset: letters
output: ./out
mining: {num_negatives: 250, near_duplicate: off}
scores: true
split: {dev_share: 0.45, seed: 1}
exports: [flagembedding, tevatron]
`;
const PLACE = 'letters/versions/v1/triplets/triplets/';

let folder: string;
let jobFile: string;
/** Every object of triplets that nothing disturbed, by key. */
let undisturbed: Record<string, string>;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'vectormill-kill-'));
  jobFile = join(folder, 'mine.yaml');
  writeFileSync(jobFile, JOB);
  const lines = Array.from({ length: DOCUMENTS }, (_, document) => ({
    _id: `d${document}`,
    title: lettersOf(document, 3),
    text: lettersOf(document + DOCUMENTS, 9),
  }));
  await tinyDataset(folder, { lines, job: { shard_bytes: 1_000_000, parts: { rows: 100 } } });
  expect(await mineToTheEnd()).toEqual({ code: 0, stderr: '' });
  undisturbed = await triplets();
  removeTriplets();
}, 240_000);

afterEach(removeTriplets);

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  rmSync(folder, { recursive: true, force: true });
});

describe('mining that is killed with SIGKILL', () => {
  test('in a process of its own, at many moments, leaves what an undisturbed run leaves', async () => {
    expect(shardsOf('train')).toBeGreaterThanOrEqual(2);
    expect(shardsOf('dev')).toBeGreaterThanOrEqual(2);
    const moments = [
      'job.json',
      'queries/00000003.json',
      'plan.json',
      'candidates/00000000.json',
      'candidates/00000004.json',
      'parquet/train-00000000.parquet',
      'commits/00000000.json',
      'jsonl/train-00000002.jsonl',
      'tevatron/dev-00000005.jsonl',
      'report.json',
    ];
    for (const moment of moments) {
      const child = spawnCli(['mine', jobFile, '--json']);
      const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
      await appearance(moment, child);
      child.kill('SIGKILL');
      const [code, signal] = await ended;
      expect({ code, signal }, moment).toEqual({ code: null, signal: 'SIGKILL' });
      expect(readdirSync(join(folder, 'out', PLACE)), moment).not.toContain('manifest.json');
    }
    expect(await mineToTheEnd()).toEqual({ code: 0, stderr: '' });
    expect(await triplets()).toEqual(undisturbed);
  }, 300_000);

  test('on workers that die one after the other, leaves what a single process leaves', async () => {
    const { namespace, close } = await testNamespace();
    await close();
    const environment = { TEMPORAL_NAMESPACE: namespace };
    const mining = runCli(['mine', jobFile, '--temporal', '--concurrency', '3', '--json'], environment);
    for (const moment of [
      'candidates/00000001.json',
      'parquet/train-00000000.parquet',
      'commits/00000004.json',
    ]) {
      const worker = startWorker(environment);
      workers.push(worker);
      await appearance(moment);
      await worker.kill();
    }
    const last = startWorker(environment);
    workers.push(last);
    const { code, stdout, stderr } = await mining;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout).totals.queries).toBe(DOCUMENTS);
    await last.stop();
    expect(await triplets()).toEqual(undisturbed);
  }, 300_000);
});

function removeTriplets(): void {
  rmSync(join(folder, 'out', PLACE), { recursive: true, force: true });
}

/** Words of one letter, another row of them for each number. */
function lettersOf(number: number, count: number): string {
  return Array.from(
    { length: count },
    (_, word) => LETTERS[(Math.floor(number / 26 ** (word % 3)) + number * word * 7 + word) % 26],
  ).join(' ');
}

async function mineToTheEnd(): Promise<{ code: number | null; stderr: string }> {
  const { code, stderr } = await runCli(['mine', jobFile, '--json']);
  return { code, stderr: code === 0 ? '' : stderr };
}

/** The hash of every object below the triplets, as a reader of the store sees them. */
async function triplets(): Promise<Record<string, string>> {
  const store = openStore(join(folder, 'out'));
  const found: Record<string, string> = {};
  for await (const { key } of store.list(PLACE))
    found[key.slice(PLACE.length)] = sha256(await store.get(key));
  return found;
}

function shardsOf(split: string): number {
  return Object.keys(undisturbed).filter((key) => key.startsWith(`parquet/${split}-`)).length;
}

/** Resolves once a file of the triplets is there, or the process that should write it is gone. */
async function appearance(name: string, child?: ChildProcess): Promise<void> {
  const [directory = '', file] = name.includes('/') ? name.split('/') : ['', name];
  for (;;) {
    if (child?.exitCode != null) return;
    try {
      if (readdirSync(join(folder, 'out', PLACE, directory)).includes(file!)) return;
    } catch {
      // The folder is not there yet.
    }
    await setTimeout(2);
  }
}
