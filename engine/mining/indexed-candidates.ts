import { setImmediate } from 'node:timers/promises';
import { preparedRows, preparedScore } from '../../core/metrics/prepared-score.js';
import { RowScores } from '../../core/mining/row-scores.js';
import { bestRankedFirst } from '../../core/mining/running-top-k.js';
import type { NegativeCandidate } from '../../core/mining/select-negatives.js';
import { metricOf } from '../../core/similarity.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { candidateKeys } from '../index/graph-search.js';
import type { OpenIndex } from '../index/open-index.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { type CandidateRequest, type CandidateRows, exactCandidates } from './exact-candidates.js';
import type { MiningRun } from './open-mining.js';
import { preparedFiles } from './prepared-files.js';

/** A graph is asked for at most this many rows. */
const MAX_ROWS = 10_000;
/**
 * After this many queries, a search checks whether to stop. Each query blocks for about a
 * millisecond.
 */
const QUERIES_AT_ONCE = 64;

/**
 * Finds the same as `exactCandidates`, as far as an index finds it. The graphs decide which rows
 * are compared. Then all of these are scored in one pass over the vector files, as exactly as in
 * `exactCandidates`. Queries for which the graphs lead to too few rows are compared with all rows,
 * as a search does it, so that no query has fewer candidates than are wanted while there are some.
 * Errors: those of `preparedFiles`.
 */
export async function indexedCandidates(
  version: ReadableVersion,
  index: OpenIndex,
  request: CandidateRequest,
  run: MiningRun,
): Promise<CandidateRows> {
  if (index.manifest.kind === 'exact') return exactCandidates(version, request, run);
  const { dimensions } = version.manifest.signature;
  const metric = metricOf(version.manifest.signature);
  const scoreAt = preparedScore(metric);
  const queries = preparedRows(request.queries, metric, dimensions);
  const count = request.wanted.length;
  const passes = version.parts.length;
  const runFrom = (before: number, total: number): MiningRun => ({
    ...run,
    onProgress: (done) => run.onProgress(before + done, total),
  });
  const prepared = { ...request, queries };
  const found = await rowsInGraphs(version, index, prepared, runFrom(0, count + passes));
  const left = [...found.keys()].filter((query) => found[query] === undefined);
  const steps = count + (left.length > 0 ? 2 : 1) * passes;
  const scores = new RowScores(request.wanted.map((rows, query) => [...rows, ...(found[query] ?? [])]));
  const ids = new Map<number, string>();
  for await (const { vectors, chunkIds, firstRow } of preparedFiles(version, runFrom(count, steps)))
    for (const [at, chunkId] of chunkIds.entries())
      scores.take(firstRow + at, (query) => {
        ids.set(firstRow + at, chunkId);
        return scoreAt(queries, query * dimensions, vectors, at * dimensions, dimensions);
      });
  const compared = await comparedCandidates(version, request, left, runFrom(count + passes, steps));
  return {
    candidates: found.map((rows, query) => {
      const own = scores.of(query).subarray(request.wanted[query]!.length);
      return rows ? best(rows, { scores: own, ids }, request.k) : compared.get(query)!;
    }),
    wantedScores: request.wanted.map((rows, query) => scores.of(query).subarray(0, rows.length)),
  };
}

/** Finds the candidates of some of the queries by comparison with all rows. */
async function comparedCandidates(
  version: ReadableVersion,
  request: CandidateRequest,
  places: readonly number[],
  run: MiningRun,
): Promise<ReadonlyMap<number, NegativeCandidate[]>> {
  if (places.length === 0) return new Map();
  const { dimensions } = version.manifest.signature;
  const queries = new Float32Array(places.length * dimensions);
  for (const [at, query] of places.entries())
    queries.set(request.queries.subarray(query * dimensions, (query + 1) * dimensions), at * dimensions);
  const wanted = places.map(() => []);
  const { candidates } = await exactCandidates(version, { ...request, queries, wanted }, run);
  return new Map(places.map((query, at) => [query, candidates[at]!]));
}

/**
 * Returns the rows to score for each query: those that the graphs find and that may be candidates.
 * There may be more than `k`. Undefined for a query for which the graphs lead to too few rows.
 */
async function rowsInGraphs(
  { parts }: ReadableVersion,
  { graphs, delta, manifest: { graph, search, source } }: OpenIndex,
  { queries, k, isCandidate }: CandidateRequest,
  { signal, onProgress }: MiningRun,
): Promise<(number[] | undefined)[]> {
  const { dimensions } = graph;
  let allowed = 0;
  for (let row = 0; row < source.rows; row += 1) if (isCandidate(row)) allowed += 1;
  const enough = Math.min(k, allowed);
  const most = Math.min(source.rows, MAX_ROWS);
  // The first request asks for more rows, in proportion to the rows that may not be candidates.
  const first = Math.min(most, Math.ceil((k * source.rows) / Math.max(1, allowed)));
  const found: (number[] | undefined)[] = [];
  // Rows that are in no graph are compared with some queries at once, as many as a graph is first
  // asked for.
  const nearInDelta = async (vectors: Float32Array, asked: number) =>
    (await delta?.nearest(vectors, graph, asked))?.map((list) => list.map(({ rowKey }) => rowKey));
  let beside: bigint[][] | undefined;
  for (let query = 0; query * dimensions < queries.length; query += 1) {
    if (query % QUERIES_AT_ONCE === 0) {
      const end = (query + QUERIES_AT_ONCE) * dimensions;
      beside = await nearInDelta(queries.slice(query * dimensions, end), first);
      await setImmediate();
      throwIfStopped(signal);
      onProgress(query, queries.length / dimensions);
    }
    const vector = queries.slice(query * dimensions, (query + 1) * dimensions);
    for (let asked = first; ; asked = Math.min(most, 2 * asked)) {
      const request = { k: asked, oversampling: search.oversampling };
      const { keys, exhausted } = candidateKeys({ graphs, parameters: graph }, vector, request);
      const others =
        asked === first ? beside?.[query % QUERIES_AT_ONCE] : (await nearInDelta(vector, asked))?.[0];
      const rows = [...keys, ...(others ?? [])].map((key) => parts.rowOf(key)!).filter(isCandidate);
      if (rows.length < enough && exhausted.length === 0 && asked < most) continue;
      found.push(rows.length < enough || exhausted.length > 0 ? undefined : rows);
      break;
    }
  }
  return found;
}

function best(
  rows: readonly number[],
  { scores, ids }: { scores: Float32Array; ids: ReadonlyMap<number, string> },
  k: number,
): NegativeCandidate[] {
  return rows
    .map((row, index) => ({ row, score: scores[index]!, chunkId: ids.get(row)! }))
    .sort(bestRankedFirst)
    .slice(0, k)
    .map(({ row, score }) => ({ row, score }));
}
