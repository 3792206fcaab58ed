/**
 * Measures the worth of searching by both words and vectors: nDCG@10 of dense search, BM25,
 * weighted fusion and reciprocal rank fusion on SciFact, each as `vectormill eval --mode` computes
 * it. Weights are compared on the train judgements. The test judgements are used with the defaults
 * only. It ends with 1 where BM25 is below its bar or hybrid search does not beat both. Options:
 * --json.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_ALPHA } from '../core/search/fusion.js';
import { evaluateRetrieval } from '../engine/evaluation/evaluate.js';
import { openEvaluation } from '../engine/evaluation/open-evaluation.js';
import type { RetrievalMethod } from '../engine/evaluation/retrieval-method.js';
import type { RetrievalTask } from '../engine/evaluation/retrieval-task.js';
import type { Embedder } from '../engine/model/embedder.js';
import { pullModel } from '../engine/model/fetch/pull.js';
import { openEmbedder } from '../engine/model/find/find-model.js';
import { storeCache } from '../engine/store/store-cache.js';
import { PROJECT_ROOT } from './project-root.js';
import { saveResult } from './save-result.js';

const MODEL = 'all-MiniLM-L6-v2';
const SCIFACT = join(PROJECT_ROOT, '..', 'shared', 'data', 'scifact');
/** The number of candidates that `vectormill eval` passes from stage to stage. */
const CANDIDATES = 100;
const ALPHAS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const BM25_BAR = 0.66;

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (line: string) => {
  if (!values.json) console.log(line);
};
if (existsSync(SCIFACT)) await compare();
else say('SciFact: skipped, its data is not beside the project');

async function compare(): Promise<void> {
  const { folder } = await pullModel(MODEL, { log: say });
  const model = await openEmbedder({ source: folder });
  const embedder = remembering(model);
  const tasks = { train: await openTask('train'), test: await openTask('test') };
  const weighted = (alpha: number): RetrievalMethod => ({
    mode: 'hybrid',
    embedder,
    fusion: { kind: 'alpha', alpha },
    candidates: CANDIDATES,
  });
  const ways: Record<string, RetrievalMethod> = {
    dense: { mode: 'dense', embedder },
    bm25: { mode: 'bm25' },
    [`hybrid, alpha ${DEFAULT_ALPHA}`]: weighted(DEFAULT_ALPHA),
    'hybrid, rrf': { mode: 'hybrid', embedder, fusion: { kind: 'rrf' }, candidates: CANDIDATES },
  };
  const score = async (split: 'train' | 'test', method: RetrievalMethod) => {
    const settings = { ks: [10], ignoreIdenticalIds: false };
    return (await evaluateRetrieval(tasks[split], method, settings)).metrics['ndcg@10']!;
  };
  const scores: Report['scores'] = [];
  for (const [name, way] of Object.entries(ways))
    scores.push({ name, train: await score('train', way), test: await score('test', way) });
  const alphas: Report['alphas'] = [];
  for (const alpha of ALPHAS) alphas.push({ alpha, train: await score('train', weighted(alpha)) });
  await model.close();
  const queries = { train: tasks.train.queries.length, test: tasks.test.queries.length };
  await report({ queries, scores, alphas });
}

interface Report {
  queries: { train: number; test: number };
  scores: { name: string; train: number; test: number }[];
  /** The scores by weight, on the train judgements only. */
  alphas: { alpha: number; train: number }[];
}

async function report(result: Report): Promise<void> {
  const [dense, bm25, ...hybrids] = result.scores.map(({ test }) => test);
  const passed = bm25! >= BM25_BAR && hybrids.every((score) => score > Math.max(dense!, bm25!));
  if (!passed) process.exitCode = 1;
  const whole = { model: MODEL, metric: 'ndcg@10', candidates: CANDIDATES, ...result, passed };
  const file = await saveResult('hybrid-quality', whole);
  if (values.json) return console.log(JSON.stringify(whole));
  const { train, test } = result.queries;
  say(`SciFact, ${MODEL}, nDCG@10`);
  say(`${''.padEnd(20)}${`train (${train})`.padStart(14)}${`test (${test})`.padStart(14)}`);
  for (const { name, ...scores } of result.scores)
    say(`${name.padEnd(20)}${scores.train.toFixed(5).padStart(14)}${scores.test.toFixed(5).padStart(14)}`);
  say('weighted fusion by alpha, train only');
  for (const { alpha, train: score } of result.alphas)
    say(`${String(alpha).padEnd(20)}${score.toFixed(5).padStart(14)}`);
  say(`${passed ? 'pass' : 'FAIL'} (BM25 at least ${BM25_BAR}, hybrid above both); kept in ${file}`);
}

async function openTask(split: string): Promise<RetrievalTask> {
  const stores = storeCache();
  const evaluation = await openEvaluation({ path: SCIFACT, kind: 'beir', split }, stores.open);
  if (evaluation.kind !== 'beir') throw new Error(`${SCIFACT} is no BEIR folder`);
  return evaluation.task;
}

/**
 * Makes the same model embed the same texts only once. Every way of searching needs all of them.
 */
function remembering(embedder: Embedder): Embedder {
  const known = new Map<string, ReturnType<Embedder['embed']>>();
  return {
    ...embedder,
    embed(texts, options) {
      const key = JSON.stringify([options?.prompt, texts]);
      const embedding = known.get(key) ?? embedder.embed(texts, options);
      known.set(key, embedding);
      return embedding;
    },
  };
}
