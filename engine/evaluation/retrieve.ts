import type { Ranking } from '../../core/metrics/judgements.js';
import { tieOrder } from '../../core/metrics/ranking-order.js';
import { PostingsBuilder } from '../../core/search/postings.js';
import type { ScoredRow } from '../../core/top-k.js';
import { fuseStages } from '../search/fuse-stages.js';
import { lexicalScores, postingsInMemory, rowsByWords } from '../search/lexical-scores.js';
import { lexicalTerms } from '../search/lexical-terms.js';
import { refuse } from './evaluation-errors.js';
import { nearestDocuments } from './nearest-documents.js';
import { rerankDocuments } from './rerank-documents.js';
import type { Reranking, RetrievalMethod } from './retrieval-method.js';
import type { RetrievalTask } from './retrieval-task.js';

export interface RetrieveOptions {
  /** The number of documents that are kept for each query. */
  k: number;
  /**
   * Whether a document with the query's own id is ignored. In ArguAna and Quora, each query is also
   * a document.
   */
  ignoreIdenticalIds: boolean;
  rerank?: Reranking | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Is called with the number of texts that are embedded so far, queries and documents, and the
   * number of all.
   */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Retrieved {
  /** Document ids, best first, by query id. */
  rankings: ReadonlyMap<string, Ranking>;
  /** The number of embedded tokens, without padding and with special tokens. */
  tokens: number;
}

type Task = Pick<RetrievalTask, 'documents' | 'documentIds' | 'queries'>;

/** The greatest number of results of all queries together. Each needs some 60 bytes. */
const MAX_KEPT = 20_000_000;

/**
 * Finds the `k` best documents for each query. Where 32-bit scores are equal, the last id comes
 * first, as in trec_eval. The documents' ids, the results, and the data of each stage are in
 * memory. Errors: INPUT_UNSUPPORTED where queries × k is over the limit; those of the models.
 */
export async function retrieve(
  task: Task,
  method: RetrievalMethod,
  { k, ignoreIdenticalIds, rerank, ...options }: RetrieveOptions,
): Promise<Retrieved> {
  const { queries, documentIds } = task;
  const depth = Math.max(k, rerank?.top ?? 0) + (ignoreIdenticalIds ? 1 : 0);
  const kept = Math.min(
    method.mode === 'hybrid' ? Math.max(depth, method.candidates) : depth,
    documentIds.length,
  );
  assertFits(queries.length, kept);
  const places = tieOrder(documentIds);
  const { rows, tokens } = await rowsOf(task, method, { kept, places, ...options });
  const idAt = new Array<string>(documentIds.length);
  for (const [row, place] of places.entries()) idAt[place] = documentIds[row]!;
  const found = queries.map(({ id }, query): [string, Ranking] => {
    const ranking = rows[query]!.map(({ row }) => idAt[row]!);
    return [id, ignoreIdenticalIds ? ranking.filter((other) => other !== id) : ranking];
  });
  const rankings = rerank
    ? await rerankDocuments(task, new Map(found), rerank, options.signal)
    : new Map(found);
  for (const [id, ranking] of rankings) rankings.set(id, ranking.slice(0, k));
  return { rankings, tokens };
}

interface StageOptions extends Pick<RetrieveOptions, 'signal' | 'onProgress'> {
  /** The number of documents that each stage keeps for each query. */
  kept: number;
  /** `[documents]`: the row that stands for each document. */
  places: Uint32Array;
}

/** Returns the rows for each query, best first. */
async function rowsOf(
  task: Task,
  method: RetrievalMethod,
  { kept: k, ...options }: StageOptions,
): Promise<{ rows: (readonly ScoredRow[])[]; tokens: number }> {
  if (method.mode === 'dense') {
    const { found, tokens } = await nearestDocuments(task, method.embedder, { ...options, k });
    return { rows: found.map(({ nearest }) => nearest), tokens };
  }
  const scoresOf = await documentsByWords(task, options.places);
  const byWords: ScoredRow[][] = [];
  for (const { text } of task.queries) byWords.push(rowsByWords(await scoresOf(text), k));
  if (method.mode === 'bm25') return { rows: byWords, tokens: 0 };
  const also = byWords.map((ranking) => new Set(ranking.map(({ row }) => row)));
  const { found, tokens } = await nearestDocuments(task, method.embedder, { ...options, k, also });
  const rows: (readonly ScoredRow[])[] = [];
  for (const [query, { text }] of task.queries.entries()) {
    const { nearest: dense, scores: others } = found[query]!;
    const denseScores = new Map([...others, ...dense.map(({ row, score }) => [row, score] as const)]);
    // The query is scored a second time, because all documents' scores for all queries would not
    // fit into memory.
    const scores = await scoresOf(text);
    rows.push(
      fuseStages({ dense, lexical: byWords[query]!, denseScores, scores }, method.fusion).slice(0, k),
    );
  }
  return { rows, tokens };
}

function assertFits(queries: number, kept: number): void {
  if (queries * kept <= MAX_KEPT) return;
  throw refuse(
    'INPUT_UNSUPPORTED',
    `${queries} queries with ${kept} documents each are more than the ${MAX_KEPT} that are kept`,
    'Ask for a smaller largest --k, or split the queries.',
  );
}

/**
 * Reads the documents once, and returns a function that scores a query by BM25. The scores are
 * `[documents]`, by place, rounded to 32-bit floats, and 0 for a document without any word of the
 * query. The postings of all documents are held in memory.
 */
async function documentsByWords(
  task: Pick<RetrievalTask, 'documents'>,
  places: Uint32Array,
): Promise<(query: string) => Promise<Float64Array>> {
  const builder = new PostingsBuilder();
  for await (const { text } of task.documents()) builder.add(lexicalTerms(text));
  const postings = postingsInMemory(builder.build());
  return async (query) => {
    const byPlace = new Float64Array(places.length);
    for (const [row, score] of (await lexicalScores(query, postings)).entries())
      byPlace[places[row]!] = Math.fround(score);
    return byPlace;
  };
}
