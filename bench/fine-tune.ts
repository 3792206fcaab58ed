import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.js';

const PEERS = join(PROJECT_ROOT, 'bench', 'peers');

export interface TrainingOptions {
  /** The folder of the model with which training begins. */
  model: string;
  seed: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  threads: number;
}

/** The result that `training_peer.py` prints after training. */
export interface Training {
  version: string;
  rows: number;
  steps: number;
  seconds: number;
  /** The mean loss over the steps. */
  loss: number;
}

/**
 * Runs a script of `bench/peers` once. Its progress goes to stderr, and its last line is its
 * result.
 */
export function runPeer<Result>(python: string, script: string, job: object): Result {
  const output = execFileSync(python, [join(PEERS, script), JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString().trimEnd().split('\n').at(-1)!) as Result;
}

/**
 * Fine-tunes a model on the Parquet files of `triplets`. The result goes to a folder below `work`
 * whose name depends on the bytes of these files, the options and the script, so that a finished
 * training is not repeated.
 */
export async function fineTune(
  python: string,
  triplets: string,
  options: TrainingOptions,
  work: string,
): Promise<Training & { folder: string }> {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const file of ['training_peer.py', 'requirements.txt']) hash.update(await readFile(join(PEERS, file)));
  for (const name of (await readdir(triplets)).sort()) hash.update(await readFile(join(triplets, name)));
  const folder = join(work, 'trained', hash.digest('hex').slice(0, 12));
  const kept = join(folder, 'training.json');
  if (existsSync(kept)) return { ...(JSON.parse(await readFile(kept, 'utf8')) as Training), folder };
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const training = runPeer<Training>(python, 'training_peer.py', {
    ...options,
    train: triplets,
    output: folder,
  });
  await writeFile(kept, JSON.stringify(training));
  return { ...training, folder };
}
