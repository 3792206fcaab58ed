import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TrainingRecord } from '../core/mining/training-rows.js';
import { sampleIndexes, seededRandom } from '../core/seeded-random.js';
import { writeTrainingParquet } from '../engine/mining/training-files.js';
import { openStore } from '../engine/store/open-store.js';
import { readLiveChunks } from '../engine/version/live-rows.js';
import { resolveVersion } from '../engine/version/resolve-version.js';
import { startEphemeralStack } from '../infra/dev-stack/ephemeral-stack.js';
import { startWorkerOn } from '../infra/dev-stack/start-worker.js';
import { CLI } from '../infra/project.js';

const DATASET = 'scifact';
const TRIPLETS = 'hard';

/** The output of `vectormill mine` about the triplets. */
export interface MinedTriplets {
  /** The folder of Parquet files that `datasets` reads. */
  folder: string;
  records: readonly Triplet[];
  /** The texts of all chunks, in the version's order. */
  corpus: readonly string[];
  report: unknown;
}

type Triplet = { anchor: string; positive: string; negative: string };

/**
 * Runs a command of the built program and returns what it prints with `--json`. An error's message
 * contains what it printed.
 */
export async function runVectormill<Result>(
  line: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...line, '--json'], {
    env: { ...process.env, ...environment },
  }).catch((error: Error & { stdout: string }) => {
    throw new Error(`${error.message}${error.stdout}`);
  });
  return JSON.parse(stdout) as Result;
}

/**
 * Embeds SciFact below `work`, with one row for each document as in BEIR, and mines its train
 * judgements. Both happen as a user would do it, by job files and commands. What already exists is
 * kept.
 */
export async function mineScifact(
  scifact: string,
  work: string,
  log: (line: string) => void,
): Promise<MinedTriplets> {
  await mkdir(work, { recursive: true });
  const [job, mine] = [join(work, 'job.yaml'), join(work, 'mine.yaml')];
  await writeFile(
    job,
    `dataset: ${DATASET}
input: ${join(scifact, 'corpus.jsonl')}
output: ./out
model: all-MiniLM-L6-v2
chunking: {strategy: none, prefix: [title]}
`,
  );
  await writeFile(
    mine,
    `dataset: ${DATASET}
output: ./out
name: ${TRIPLETS}
beir:
  queries: ${join(scifact, 'queries.jsonl')}
  qrels: ${join(scifact, 'qrels', 'train.tsv')}
mining: {relative_margin: 0.05, range_max: 50, num_negatives: 1}
format: triplet
`,
  );
  const place = join(work, 'out', DATASET, 'versions', 'v1');
  if (!existsSync(join(place, '_SUCCESS'))) await embed(job, work, log);
  const report = await runVectormill(['mine', mine]);
  const folder = join(place, 'triplets', TRIPLETS);
  return {
    folder: join(folder, 'parquet'),
    records: await readTriplets(join(folder, 'jsonl')),
    corpus: await readCorpus(join(work, 'out')),
    report,
  };
}

/**
 * Writes the same anchors and positives, with negatives drawn from all chunks except the anchor's
 * positives, as a folder of Parquet files.
 */
export async function writeRandomTriplets(
  { records, corpus }: MinedTriplets,
  folder: string,
  seed: number,
): Promise<void> {
  const positives = new Map<string, Set<string>>();
  for (const { anchor, positive } of records)
    positives.set(anchor, (positives.get(anchor) ?? new Set()).add(positive));
  const drawn = records.map(({ anchor, positive }, row): TrainingRecord => {
    const others = corpus.filter((text) => !positives.get(anchor)!.has(text));
    const [choice] = sampleIndexes(seededRandom(seed, row), others.length, 1);
    return { anchor, positive, negative: others[choice!]! };
  });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'train-00000000.parquet'), writeTrainingParquet(drawn, {}));
}

async function embed(job: string, work: string, log: (line: string) => void): Promise<void> {
  const stack = await startEphemeralStack({ log, install: true });
  const worker = await startWorkerOn(stack, join(work, 'worker.log'));
  try {
    log('embedding SciFact');
    await runVectormill(['run', job], stack.environment);
  } finally {
    await worker.stop();
    await stack.stop();
  }
}

async function readTriplets(folder: string): Promise<Triplet[]> {
  const records: Triplet[] = [];
  for (const name of (await readdir(folder)).sort())
    for (const line of (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n'))
      records.push(JSON.parse(line));
  return records;
}

async function readCorpus(output: string): Promise<string[]> {
  const version = await resolveVersion(openStore(`file://${output}`), {
    dataset: DATASET,
    selector: 'v1',
  });
  const texts: string[] = [];
  for (const part of version.parts)
    for (const { text } of await readLiveChunks(version, part)) texts.push(text);
  return texts;
}
