import { IdSample } from '../../core/id-sample.js';
import type { IndexGate, IndexManifest } from '../../core/index/index-manifest.js';
import { type SearchParameters, searchParametersOf, TUNED_K } from '../../core/index/index-options.js';
import { type Neighbour, recallOf } from '../../core/index/neighbour.js';
import { chanceMargin, meanOf } from '../../core/index/recall-margin.js';
import type { VersionParts } from '../../core/version-parts.js';
import { throwIfStopped } from '../concurrency/stop.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { openDelta } from './delta-rows.js';
import { searchExactly } from './exact-search.js';
import { searchHnswGraphs } from './graph-search.js';
import { IndexWorker } from './index-worker.js';
import { type LocalGraph, localGraphs, openGraphs } from './open-index.js';
import { nearestOf } from './search-index.js';
import { VersionVectors } from './version-vectors.js';

const TUNING_QUERIES = 100;
const GATE_QUERIES = 200;

/** The values of ef search that are tried, from least to greatest. */
const LADDER = [12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024] as const;

/** A query of the gate: a row of the version, and the rows nearest to it without the row itself. */
interface GateQuery {
  own: bigint;
  vector: Float32Array;
  truth: Neighbour[];
}

export interface GateRun {
  signal: AbortSignal;
  /**
   * Is called with the number of parts that queries have been compared with, and the number of all.
   */
  onFile(done: number, total: number): void;
}

/**
 * Chooses the least ef search that reaches the target on some rows of the version, and then
 * measures recall with it on others. All these rows are drawn by their chunk ids, so that another
 * order of the same rows is measured by the same, and each is removed from its own results. Exact
 * search has nothing to measure.
 */
export async function measureRecall(
  version: ReadableVersion,
  draft: IndexManifest,
  { signal, onFile }: GateRun,
): Promise<{ gate: IndexGate; search: SearchParameters }> {
  const target = draft.request.recallTarget;
  const k = Math.max(0, Math.min(TUNED_K, draft.source.rows - 1));
  if (draft.kind === 'exact')
    return { gate: { target, k, queries: 0, recall: 1, tried: [] }, search: draft.search };
  const source = new VersionVectors(version);
  const local = await localGraphs(version, draft);
  const queries = await gateQueries(version, { source, draft, k }, { signal, onFile });
  const delta = await openDelta(version, draft);
  const beside = await delta?.nearest(matrixOf(queries, draft.graph.dimensions), draft.graph, k + 1);
  await delta?.close();
  const measured = {
    local,
    source,
    draft,
    k,
    beside: new Map(queries.map(({ own }, at) => [own, beside?.[at] ?? []])),
  };
  const tuning = queries.filter((_, index) => index % 3 === 0);
  const held = queries.length < 3 ? queries : queries.filter((_, index) => index % 3 !== 0);
  const tried: { expansionSearch: number; recall: number }[] = [];
  let { search } = draft;
  for (const expansionSearch of LADDER) {
    throwIfStopped(signal);
    search = searchParametersOf(expansionSearch, draft.graph.precision);
    const recalls = await recallsWith(measured, search, tuning);
    tried.push({ expansionSearch, recall: meanOf(recalls) });
    if (meanOf(recalls) >= Math.min(1, target + chanceMargin(recalls, held.length))) break;
  }
  const recall = meanOf(await recallsWith(measured, search, held));
  return { gate: { target, k, queries: held.length, recall, tried }, search };
}

/** The values that all measurements of one index share. */
interface Measured {
  local: readonly LocalGraph[];
  source: VersionVectors;
  draft: IndexManifest;
  k: number;
  /** The rows beside the graphs that are nearest to each query, by the query's own key. */
  beside: ReadonlyMap<bigint, readonly Neighbour[]>;
}

/** Returns the recall of each query. */
async function recallsWith(
  { local, source, draft, k, beside }: Measured,
  search: SearchParameters,
  queries: readonly GateQuery[],
): Promise<number[]> {
  const set = {
    graphs: await openGraphs(local, { ...draft, search }, { mapped: true }),
    parameters: draft.graph,
  };
  const recalls: number[] = [];
  for (const { own, vector, truth } of queries) {
    const { oversampling } = search;
    const inGraphs = await searchHnswGraphs(set, source, vector, { k: k + 1, oversampling });
    const found = nearestOf(inGraphs, beside.get(own)!, k + 1);
    recalls.push(
      recallOf(
        found.filter(({ rowKey }) => rowKey !== own),
        truth,
      ),
    );
  }
  return recalls;
}

async function gateQueries(
  version: ReadableVersion,
  { source: vectors, draft: { graph }, k }: Pick<Measured, 'source' | 'draft' | 'k'>,
  { signal, onFile }: GateRun,
): Promise<GateQuery[]> {
  const { dimensions } = graph;
  const sample = new IdSample<{ own: bigint; vector: Float32Array }>(TUNING_QUERIES + GATE_QUERIES);
  for (const part of version.parts) {
    throwIfStopped(signal);
    const { rowKeys, chunkIds, vectors: rows } = await vectors.read(part);
    for (const [row, id] of chunkIds.entries())
      sample.offer(id, () => ({
        own: rowKeys[row]!,
        vector: rows.slice(row * dimensions, (row + 1) * dimensions),
      }));
  }
  const queries = sample.items();
  const truths = await exactTruths(queries, version.parts, { vectors, graph, k, signal, onFile });
  return queries.map((query, index) => ({
    ...query,
    truth: truths[index]!.filter(({ rowKey }) => rowKey !== query.own).slice(0, k),
  }));
}

async function exactTruths(
  queries: readonly { vector: Float32Array }[],
  parts: VersionParts,
  {
    vectors,
    graph,
    k,
    signal,
    onFile,
  }: GateRun & { vectors: VersionVectors; graph: IndexManifest['graph']; k: number },
): Promise<Neighbour[][]> {
  const matrix = matrixOf(queries, graph.dimensions);
  const worker = new IndexWorker();
  try {
    return await searchExactly(
      {
        worker,
        parts,
        read: (part) => {
          throwIfStopped(signal);
          return vectors.read(part);
        },
        onPart: (done) => onFile(done, parts.length),
      },
      matrix,
      graph,
      k + 1,
    );
  } finally {
    await worker.close();
  }
}

function matrixOf(queries: readonly { vector: Float32Array }[], dimensions: number): Float32Array {
  const matrix = new Float32Array(queries.length * dimensions);
  for (const [index, { vector }] of queries.entries()) matrix.set(vector, index * dimensions);
  return matrix;
}
