import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../engine/files/hash.js';
import { openStore } from '../../engine/store/open-store.js';
import { tinyDataset } from '../cli/tiny-dataset.js';
import { runCli, spawnCli } from '../support/built-cli.js';
import { testNamespace } from '../support/temporal.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

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
/** Two shards, whose candidates a cross-encoder scores. */
const RESCORED_JOB = `dataset: letters
output: ./out
name: rescored
mining: {num_negatives: 3, near_duplicate: off}
cross_encoder: {model: ${fileURLToPath(new URL('../fixtures/cross-encoders/saved', import.meta.url))}, top: 40, max_cross_score: 0.5}
scores: true
split: {dev_share: 0.45, seed: 1}
`;

/** A mining job, and its output when nothing disturbs it. */
interface Undisturbed {
  jobFile: string;
  /** The place of the triplets, below the output. */
  place: string;
  /** The hash of each of its objects, by key. */
  objects: Record<string, string>;
}

let folder: string;
let plain: Undisturbed;
let rescored: Undisturbed;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'vectormill-kill-'));
  const lines = Array.from({ length: DOCUMENTS }, (_, document) => ({
    _id: `d${document}`,
    title: lettersOf(document, 3),
    text: lettersOf(document + DOCUMENTS, 9),
  }));
  await tinyDataset(folder, { lines, job: { shard_bytes: 1_000_000, parts: { rows: 100 } } });
  plain = await mineUndisturbed('triplets', JOB);
  rescored = await mineUndisturbed('rescored', RESCORED_JOB);
  removeTriplets();
}, 240_000);

afterEach(removeTriplets);

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  rmSync(folder, { recursive: true, force: true });
});

describe('mining that is killed with SIGKILL', () => {
  test('in a process of its own, at many moments, gives the same output as an undisturbed run', async () => {
    expect(shardsOf('train')).toBeGreaterThanOrEqual(2);
    expect(shardsOf('dev')).toBeGreaterThanOrEqual(2);
    await killAlone(plain, [
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
    ]);
    expect(await mineToTheEnd(plain)).toEqual({ code: 0, said: '' });
    expect(await objectsOf(plain)).toEqual(plain.objects);
  }, 300_000);

  test('while a cross-encoder scores, alone and on workers, gives the same output as an undisturbed run', async () => {
    expect(Object.keys(rescored.objects).filter((key) => key.startsWith('parquet/'))).toHaveLength(2);
    await killAlone(rescored, ['candidates/00000000.json', 'cross-scores/00000000.json']);
    expect(await mineToTheEnd(rescored)).toEqual({ code: 0, said: '' });
    expect(await objectsOf(rescored)).toEqual(rescored.objects);
    removeTriplets();
    await killAlone(rescored, ['candidates/00000000.json']);
    await killWorkers(rescored, ['candidates/00000001.json', 'cross-scores/00000000.json']);
    expect(await objectsOf(rescored)).toEqual(rescored.objects);
  }, 300_000);

  test('on workers that end one after the other, gives the same output as a single process', async () => {
    await killWorkers(plain, [
      'candidates/00000001.json',
      'parquet/train-00000000.parquet',
      'commits/00000004.json',
    ]);
    expect(await objectsOf(plain)).toEqual(plain.objects);
  }, 300_000);
});

/** Mines in a process of its own, once for each moment, and kills the process at that moment. */
async function killAlone({ jobFile, place }: Undisturbed, moments: readonly string[]): Promise<void> {
  for (const moment of moments) {
    const child = spawnCli(['mine', jobFile, '--local', '--json']);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    await appearance(place, moment, child);
    child.kill('SIGKILL');
    const [code, signal] = await ended;
    expect({ code, signal }, moment).toEqual({ code: null, signal: 'SIGKILL' });
    expect(readdirSync(join(folder, 'out', place)), moment).not.toContain('manifest.json');
  }
}

/** Mines to the end on workers, one of which is killed at each moment. */
async function killWorkers({ jobFile, place }: Undisturbed, moments: readonly string[]): Promise<void> {
  const { namespace, close } = await testNamespace();
  await close();
  const environment = { TEMPORAL_NAMESPACE: namespace };
  const mining = runCli(['mine', jobFile, '--temporal', '--concurrency', '3', '--json'], environment);
  for (const moment of moments) {
    const worker = startWorkerProcess(environment);
    workers.push(worker);
    await appearance(place, moment);
    await worker.kill();
  }
  const last = startWorkerProcess(environment);
  workers.push(last);
  const { code, stdout, stderr } = await mining;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).totals.queries).toBe(DOCUMENTS);
  await last.stop();
}

function removeTriplets(): void {
  for (const { place } of [plain, rescored])
    rmSync(join(folder, 'out', place), { recursive: true, force: true });
}

/** Words of one letter, in a different sequence for each number. */
function lettersOf(number: number, count: number): string {
  return Array.from(
    { length: count },
    (_, word) => LETTERS[(Math.floor(number / 26 ** (word % 3)) + number * word * 7 + word) % 26],
  ).join(' ');
}

async function mineUndisturbed(name: string, job: string): Promise<Undisturbed> {
  const jobFile = join(folder, `${name}.yaml`);
  writeFileSync(jobFile, job);
  const place = `letters/versions/v1/triplets/${name}/`;
  expect(await mineToTheEnd({ jobFile })).toEqual({ code: 0, said: '' });
  return { jobFile, place, objects: await objectsOf({ place }) };
}

async function mineToTheEnd({
  jobFile,
}: Pick<Undisturbed, 'jobFile'>): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await runCli(['mine', jobFile, '--json']);
  return { code, said: code === 0 ? '' : stdout + stderr };
}

/** Returns the hash of every object below the place, as a reader of the store sees it. */
async function objectsOf({ place }: Pick<Undisturbed, 'place'>): Promise<Record<string, string>> {
  const store = openStore(join(folder, 'out'));
  const found: Record<string, string> = {};
  for await (const { key } of store.list(place))
    found[key.slice(place.length)] = sha256(await store.get(key));
  return found;
}

function shardsOf(split: string): number {
  return Object.keys(plain.objects).filter((key) => key.startsWith(`parquet/${split}-`)).length;
}

/** Resolves once a file of the triplets exists, or the process that should write it has ended. */
async function appearance(place: string, name: string, child?: ChildProcess): Promise<void> {
  const [directory = '', file] = name.includes('/') ? name.split('/') : ['', name];
  for (;;) {
    if (child?.exitCode != null) return;
    try {
      if (readdirSync(join(folder, 'out', place, directory)).includes(file!)) return;
    } catch {
      // The folder does not exist yet.
    }
    await setTimeout(2);
  }
}
