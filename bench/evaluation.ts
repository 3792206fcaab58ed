/**
 * Computes the published scores of all-MiniLM-L6-v2 again, on the data sets that lie beside the
 * project. It ends with 1 where a score is out of its tolerance. Missing data sets are skipped and
 * named. The published scores are those of the MTEB results repository. Options: --json.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate, type ModelEvaluation } from '../engine/evaluation/evaluate.js';
import { type EvaluationRequest, openEvaluation } from '../engine/evaluation/open-evaluation.js';
import type { Embedder } from '../engine/model/embedder.js';
import { pullModel } from '../engine/model/fetch/pull.js';
import { openEmbedder } from '../engine/model/find/find-model.js';
import { storeCache } from '../engine/store/store-cache.js';
import { PROJECT_ROOT } from './project-root.js';
import { saveResult } from './save-result.js';

const SHARED = join(PROJECT_ROOT, '..', 'shared', 'data');
const MODEL = 'all-MiniLM-L6-v2';

/** The time between two lines of progress, in ms. */
const PROGRESS_MS = 10_000;

interface Task extends EvaluationRequest {
  name: string;
  metric: string;
  /** The published score. Absent where there is none. */
  published?: number;
  /** The greatest distance allowed between the model's own score and the published score. */
  tolerance?: number;
}

const TASKS: readonly Task[] = [
  {
    name: 'SciFact',
    path: join(SHARED, 'scifact'),
    metric: 'ndcg@10',
    published: 0.64508,
    tolerance: 0.003,
  },
  {
    name: 'XQuAD-en',
    path: join(SHARED, 'xquad', 'xquad.en.json'),
    metric: 'ndcg@10',
    published: 0.94357,
    tolerance: 0.003,
  },
  {
    name: 'STS-B test',
    path: join(SHARED, 'stsb', 'en-test.csv'),
    metric: 'spearman',
    published: 0.82032,
    tolerance: 0.0005,
  },
  {
    name: 'SQuAD answers',
    kind: 'squad-answers',
    path: join(SHARED, 'xquad', 'xquad.en.json'),
    metric: 'accuracy',
  },
];

/** One way to compute the model, which is a column of the table. */
interface Column {
  name: string;
  open(source: string): Promise<Embedder>;
  /**
   * The greatest distance allowed between the scores and the published ones, in place of the task's
   * own tolerance.
   */
  tolerance?: number;
}

const COLUMNS: readonly Column[] = [
  { name: 'float32', open: (source) => openEmbedder({ source }) },
  { name: 'int8', open: (source) => openEmbedder({ source, precision: 'int8' }), tolerance: 0.005 },
];

interface Score {
  task: string;
  metric: string;
  column: string;
  fingerprint: string;
  published: number | undefined;
  tolerance: number | undefined;
  score: number | null;
  passed: boolean | undefined;
  tokens: number;
  seconds: number;
  counts: Readonly<Record<string, number>>;
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (line: string) => {
  if (!values.json) console.log(line);
};
const present = TASKS.filter(({ path }) => existsSync(path));
const skipped = TASKS.filter((task) => !present.includes(task)).map(({ name }) => name);
const { folder } = await pullModel(MODEL, { log: say });
const scores: Score[] = [];
for (const column of COLUMNS) {
  const embedder = await column.open(folder);
  try {
    for (const task of present) scores.push(await scoreOf(task, column, embedder));
  } finally {
    await embedder.close();
  }
}
await report();

async function scoreOf(task: Task, column: Column, embedder: Embedder): Promise<Score> {
  const { name, metric, published, tolerance: own, ...request } = task;
  const startedAt = performance.now();
  let saidAt = startedAt;
  const onProgress = (done: number, total: number) => {
    const now = performance.now();
    if (now - saidAt < PROGRESS_MS) return;
    saidAt = now;
    const rate = done / ((now - startedAt) / 1e3);
    const left = Math.round((total - done) / rate);
    console.error(
      `${name}, ${column.name}: ${done} of ${total} texts · ${rate.toFixed(1)} texts/s · ETA ${left}s`,
    );
  };
  const stores = storeCache();
  const evaluation = (await openEvaluation(request, stores.open)) as ModelEvaluation;
  const result = await evaluate(evaluation, embedder, {
    ks: [10, 100],
    ignoreIdenticalIds: false,
    onProgress,
  });
  await stores.close();
  const score = result.metrics[metric] ?? null;
  const tolerance = published === undefined ? undefined : (column.tolerance ?? own);
  return {
    task: name,
    metric,
    column: column.name,
    fingerprint: embedder.fingerprint,
    published,
    tolerance,
    score,
    passed: passes(score, published, tolerance),
    tokens: result.tokens,
    seconds: Math.round((performance.now() - startedAt) / 1e3),
    counts: result.counts,
  };
}

/**
 * Returns whether a score is within its tolerance. Undefined where there is nothing to compare it
 * with.
 */
function passes(score: number | null, published: number | undefined, tolerance: number | undefined) {
  if (published === undefined || tolerance === undefined) return undefined;
  return score !== null && Math.abs(score - published) <= tolerance;
}

async function report(): Promise<void> {
  const failed = scores.filter(({ passed }) => passed === false);
  const file =
    scores.length > 0 ? await saveResult('evaluation', { model: MODEL, scores, skipped }) : undefined;
  if (failed.length > 0) process.exitCode = 1;
  if (values.json) return console.log(JSON.stringify({ model: MODEL, scores, skipped }));
  say(`\n${MODEL}`);
  say(
    row(
      '',
      'published',
      COLUMNS.map(({ name }) => name),
    ),
  );
  for (const { name, metric, published } of present) {
    const cells = scores.filter(({ task }) => task === name).map(cellOf);
    say(row(`${name} ${metric}`, published === undefined ? '–' : published.toFixed(5), cells));
  }
  for (const name of skipped) say(`${name}: skipped, its data is not beside the project`);
  if (file) say(`kept in ${file}`);
}

function row(name: string, published: string, cells: readonly string[]): string {
  return `${name.padEnd(24)}${published.padStart(10)}${cells.map((cell) => `  ${cell.padEnd(30)}`).join('')}`.trimEnd();
}

/** Returns the cell of a score, for example `0.64508 pass (±0.003)`. */
function cellOf({ score, passed, tolerance }: Score): string {
  const value = score === null ? '–' : score.toFixed(5);
  return passed === undefined ? value : `${value} ${passed ? 'pass' : 'FAIL'} (±${tolerance})`;
}
