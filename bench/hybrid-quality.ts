/**
 * Says what a search by words and vectors is worth: nDCG@10 of dense, BM25, weighted and reciprocal rank fusion on SciFact.
 * Weights are compared on the train judgements; the test judgements are looked at with the defaults alone. Ends with 1
 * where BM25 is below its bar or hybrid does not beat both. Vectors are kept in the cache. Options: --json.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { dotAt, unitRows } from '../core/metrics/cosine.js';
import { meanMetrics } from '../core/metrics/retrieval-metrics.js';
import {
  type Candidate,
  DEFAULT_ALPHA,
  reciprocalRankFusion,
  weightedFusion,
} from '../core/search/fusion.js';
import { PostingsBuilder } from '../core/search/postings.js';
import { type ScoredRow, TopK } from '../core/top-k.js';
import { cacheFolder } from '../engine/cache-folder.js';
import { openEvaluation } from '../engine/evaluation/open-evaluation.js';
import type { RetrievalTask } from '../engine/evaluation/retrieval-task.js';
import type { Embedder, Prompt } from '../engine/model/embedder.js';
import { openEmbedder } from '../engine/model/find-model.js';
import { pullModel } from '../engine/model/pull.js';
import { inMemory, lexicalScores } from '../engine/search/lexical-scores.js';
import { lexicalTerms } from '../engine/search/lexical-terms.js';
import { storeCache } from '../engine/store/store-cache.js';
import { PROJECT_ROOT } from './project-root.js';
import { saveResult } from './save-result.js';

const MODEL = 'all-MiniLM-L6-v2';
const SCIFACT = join(PROJECT_ROOT, '..', 'shared', 'data', 'scifact');
/** What `vectormill search` hands from stage to stage. */
const CANDIDATES = 100;
const ALPHAS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const BM25_BAR = 0.66;

/** One query with what its stages have found. */
interface Found {
  judgements: ReadonlyMap<string, number>;
  dense: readonly ScoredRow[];
  lexical: readonly ScoredRow[];
  /** The union of both. */
  candidates: readonly Candidate[];
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (line: string) => {
  if (!values.json) console.log(line);
};
if (existsSync(SCIFACT)) await compare();
else say('SciFact: skipped, its data is not beside the project');

async function compare(): Promise<void> {
  const { folder } = await pullModel(MODEL, { log: say });
  const [train, test] = [await openTask('train'), await openTask('test')];
  const texts: string[] = [];
  const builder = new PostingsBuilder();
  for await (const { text } of test.documents()) {
    texts.push(text);
    builder.add(lexicalTerms(text));
  }
  const postings = inMemory(builder.build());
  const embedder = await openEmbedder({ source: folder });
  const { dimensions } = embedder.signature;
  const documents = await keptVectors(embedder, 'documents', { texts, prompt: 'document' });

  const search = async (task: RetrievalTask, split: string): Promise<Found[]> => {
    const asked = task.queries.map(({ text }) => text);
    const queries = await keptVectors(embedder, `${split}-queries`, { texts: asked, prompt: 'query' });
    const found: Found[] = [];
    for (const [query, { id, text }] of task.queries.entries()) {
      const scores = await lexicalScores(text, postings);
      const cosines = Float64Array.from(texts, (_, row) =>
        dotAt(queries, query * dimensions, documents, row * dimensions, dimensions),
      );
      const [dense, lexical] = [best(cosines), best(scores).filter(({ score }) => score > 0)];
      const rows = new Set([...dense, ...lexical].map(({ row }) => row));
      const candidates = [...rows].map((row) => ({ row, dense: cosines[row]!, lexical: scores[row]! }));
      found.push({ judgements: task.qrels.get(id)!, dense, lexical, candidates });
    }
    return found;
  };
  const found = { train: await search(train, 'train'), test: await search(test, 'test') };
  await embedder.close();

  const score = (split: 'train' | 'test', rank: (query: Found) => readonly ScoredRow[]) =>
    meanMetrics(
      found[split].map((query) => ({
        ranking: rank(query).map(({ row }) => test.documentIds[row]!),
        judgements: query.judgements,
      })),
      [10],
    )['ndcg@10']!;
  const ways: Record<string, (query: Found) => readonly ScoredRow[]> = {
    dense: ({ dense }) => dense,
    bm25: ({ lexical }) => lexical,
    [`hybrid, alpha ${DEFAULT_ALPHA}`]: ({ candidates }) => weightedFusion(candidates, DEFAULT_ALPHA),
    'hybrid, rrf': ({ dense, lexical }) =>
      reciprocalRankFusion([dense, lexical].map((ranking) => ranking.map(({ row }) => row))),
  };
  const scores = Object.entries(ways).map(([name, rank]) => ({
    name,
    train: score('train', rank),
    test: score('test', rank),
  }));
  const alphas = ALPHAS.map((alpha) => ({
    alpha,
    train: score('train', ({ candidates }) => weightedFusion(candidates, alpha)),
  }));
  await report({ queries: { train: found.train.length, test: found.test.length }, scores, alphas });
}

interface Report {
  queries: { train: number; test: number };
  scores: readonly { name: string; train: number; test: number }[];
  /** On the train judgements alone. */
  alphas: readonly { alpha: number; train: number }[];
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

/** Vectors of length 1, row-major; computed once. */
async function keptVectors(
  embedder: Embedder,
  name: string,
  { texts, prompt }: { texts: readonly string[]; prompt: Prompt },
): Promise<Float32Array> {
  const { dimensions } = embedder.signature;
  const file = join(cacheFolder(), 'bench', `scifact-${name}-${embedder.fingerprint.slice(0, 12)}.f32`);
  if (existsSync(file)) {
    const bytes = await readFile(file);
    const kept = new Float32Array(Uint8Array.from(bytes).buffer);
    if (kept.length === texts.length * dimensions) return kept;
  }
  let done = 0;
  let saidAt = performance.now();
  const { vectors } = await embedder.embed(texts, {
    prompt,
    onProgress: ({ rows }) => {
      done += rows;
      if (performance.now() - saidAt < 10_000) return;
      saidAt = performance.now();
      console.error(`embedded ${done} of ${texts.length} ${name}`);
    },
  });
  const units = unitRows(vectors, dimensions);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, units);
  return units;
}

function best(scores: Float64Array): ScoredRow[] {
  const top = new TopK(CANDIDATES);
  for (const [row, score] of scores.entries()) top.offer(score, row);
  return top.sorted();
}
