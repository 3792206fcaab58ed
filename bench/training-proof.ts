/**
 * Shows whether training with mined triplets works: nDCG@10 on SciFact's test judgements before
 * training, after fine-tuning all-MiniLM-L6-v2 on triplets mined from its train judgements, and
 * after the same with random negatives, each with several seeds. vectormill's commands embed, mine
 * and evaluate; sentence-transformers trains. It ends with 1 where mined triplets do not raise the
 * mean above both others. What was embedded, trained and scored is kept in the cache, so that a run
 * that was stopped continues. Options: --seeds 1,2,3, --precision int8 (evaluates four times as
 * fast), --check (also scores one trained model by sentence-transformers' own evaluator), --json.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PRECISIONS, type Precision } from '../core/model-signature.js';
import { availableCores } from '../engine/concurrency/available-cores.js';
import { cacheFolder } from '../engine/files/cache-folder.js';
import { sha256 } from '../engine/files/hash.js';
import { pullModel } from '../engine/model/fetch/pull.js';
import { findModel } from '../engine/model/find/find-model.js';
import { fineTune, runPeer, type Training } from './fine-tune.js';
import { PROJECT_ROOT } from './project-root.js';
import { makeVenv } from './python-peer.js';
import { saveResult } from './save-result.js';
import { mineScifact, runVectormill, writeRandomTriplets } from './scifact-triplets.js';

const MODEL = 'all-MiniLM-L6-v2';
const METRIC = 'ndcg@10';
const SHARED = join(PROJECT_ROOT, '..', 'shared', 'data', 'scifact');
const OPTIONS = { epochs: 1, batchSize: 16, learningRate: 3e-5 };

type Arm = 'mined' | 'random';

interface Run extends Training {
  arm: Arm;
  seed: number;
  score: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    precision: { type: 'string', default: 'float32' },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const precision = precisionNamed(values.precision);
const say = (line: string) => {
  if (!values.json) console.log(line);
};
const scifact = await realpath(SHARED).catch(() => undefined);
if (scifact) await prove(scifact);
else say('SciFact: skipped, its data is not beside the project');

async function prove(scifact: string): Promise<void> {
  // The folder is for this data set only, because jobs contain its path.
  const work = join(cacheFolder(), 'bench', `training-proof-${sha256(scifact).slice(0, 12)}`);
  const scoreOf = (model: string) => scoreOnce(model, scifact, join(work, 'scores'));
  const python = makeVenv('requirements', say);
  const { folder: model } = await pullModel(MODEL, { log: say });
  const triplets = await mineScifact(scifact, work, say);
  say(`${triplets.records.length} triplets mined`);
  const seeds = values.seeds.split(',').map(Number);
  const runs: Run[] = [];
  let check: { vectormill: number; sentenceTransformers: number } | undefined;
  for (const seed of seeds) {
    const random = join(work, 'random', String(seed));
    await writeRandomTriplets(triplets, random, seed);
    const arms: [Arm, string][] = [
      ['mined', triplets.folder],
      ['random', random],
    ];
    for (const [arm, source] of arms) {
      const options = { model, seed, threads: availableCores(), ...OPTIONS };
      const { folder, ...training } = await fineTune(python, source, options, work);
      const score = await scoreOf(folder);
      runs.push({ arm, seed, score, ...training });
      say(`${arm}, seed ${seed}: ${score.toFixed(5)} (${JSON.stringify(training)})`);
      if (values.check && !check) {
        const theirs = runPeer<Record<string, number>>(python, 'retrieval_peer.py', {
          model: folder,
          beir: scifact,
          threads: availableCores(),
        });
        check = { vectormill: score, sentenceTransformers: theirs[METRIC]! };
        say(`the same model by sentence-transformers' evaluator: ${theirs[METRIC]!.toFixed(5)}`);
      }
    }
  }
  await report(await scoreOf(model), runs, { mining: triplets.report, check });
}

function precisionNamed(name: string): Precision {
  const found = PRECISIONS.find((precision) => precision === name);
  if (!found) throw new Error(`--precision takes one of ${PRECISIONS.join(', ')}`);
  return found;
}

/**
 * Computes the score with `vectormill eval`, once for each vector space. The graph of a trained
 * model is not left in the user's cache.
 */
async function scoreOnce(model: string, scifact: string, folder: string): Promise<number> {
  const { fingerprint } = await findModel({ source: model, precision });
  const kept = join(folder, `${fingerprint}.json`);
  if (existsSync(kept)) return (JSON.parse(await readFile(kept, 'utf8')) as { score: number }).score;
  const cache = join(folder, 'cache');
  const line = ['eval', scifact, '--model', model, '--precision', precision, '--k', '10'];
  const { metrics } = await runVectormill<{ metrics: Record<string, number> }>(line, {
    VECTORMILL_CACHE: cache,
  });
  await rm(cache, { recursive: true, force: true });
  const score = metrics[METRIC]!;
  await mkdir(folder, { recursive: true });
  await writeFile(kept, JSON.stringify({ score }));
  return score;
}

async function report(before: number, runs: readonly Run[], more: object): Promise<void> {
  const scores = (arm: Arm) => runs.filter((run) => run.arm === arm).map(({ score }) => score);
  const [mined, random] = [scores('mined'), scores('random')];
  const differences = mined.map((score, index) => score - random[index]!);
  const means = { mined: mean(mined), random: mean(random), difference: mean(differences) };
  const passed = means.mined > before && means.difference > 0;
  if (!passed) process.exitCode = 1;
  const whole = {
    model: MODEL,
    metric: METRIC,
    ...OPTIONS,
    evaluation: precision,
    before,
    runs,
    differences,
    means,
    passed,
    ...more,
  };
  const file = await saveResult('training-proof', whole);
  if (values.json) return console.log(JSON.stringify(whole));
  say(`SciFact test, ${MODEL}, nDCG@10; before: ${before.toFixed(5)}`);
  say(row('seed', 'mined', 'random', 'difference'));
  for (const [index, { seed }] of runs.filter(({ arm }) => arm === 'mined').entries())
    say(row(String(seed), ...[mined[index]!, random[index]!, differences[index]!].map(digits)));
  say(row('mean', ...[means.mined, means.random, means.difference].map(digits)));
  say(`${passed ? 'pass' : 'FAIL'} (mined above before and above random); kept in ${file}`);
}

function row(first: string, ...cells: readonly string[]): string {
  return `${first.padEnd(6)}${cells.map((cell) => cell.padStart(12)).join('')}`;
}

function digits(value: number): string {
  return value.toFixed(5);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
