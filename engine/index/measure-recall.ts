import type { IndexGate, IndexManifest } from '../../core/index/index-manifest.js';
import { type SearchParameters, searchParametersOf, TUNED_K } from '../../core/index/index-options.js';
import { knownRecall } from '../../core/index/known-neighbours.js';
import { type Neighbour, recallOf } from '../../core/index/neighbour.js';
import { chanceMargin, meanOf } from '../../core/index/recall-margin.js';
import { throwIfStopped } from '../concurrency/stop.js';
import type { GateQuery } from '../parquet/gate-query-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { openDelta } from './delta-rows.js';
import type { FollowedIndex } from './follow-parent.js';
import { drawGateQueries, followGateQueries, type GateRun, matrixOf } from './gate-queries.js';
import { mergeNear, type NearInGraph, nearInGraph, type OpenGraph, scoreCandidates } from './graph-search.js';
import { MemoryGraph } from './memory-graph.js';
import { type LocalGraph, localGraphs, openGraphs } from './open-index.js';
import { nearestOf } from './search-index.js';
import { VersionVectors } from './version-vectors.js';

/** The values of ef search that are tried, from least to greatest. */
const LADDER = [12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024] as const;

/** The result of the gate. */
export interface MeasuredIndex {
  gate: IndexGate;
  search: SearchParameters;
  /** The queries that were used, in the order of their drawing. Null for exact search. */
  queries: readonly GateQuery[] | null;
}

/**
 * Chooses the least ef search that reaches the target on some rows of the version, and then
 * measures recall with it on others. Each row is removed from its own results. The rows are those
 * of the parent's index that live on, or else are drawn. Exact search has nothing to measure.
 */
export async function measureRecall(
  version: ReadableVersion,
  draft: IndexManifest,
  { followed, ...run }: GateRun & { followed: FollowedIndex | undefined },
): Promise<MeasuredIndex> {
  const target = draft.request.recallTarget;
  const k = Math.max(0, Math.min(TUNED_K, draft.source.rows - 1));
  if (draft.kind === 'exact')
    return { gate: { target, k, queries: 0, recall: 1, tried: [] }, search: draft.search, queries: null };
  const { graph } = draft;
  const source = new VersionVectors(version);
  const graphs = new GraphOfGate(await localGraphs(version, draft));
  const exact = { vectors: source, graph, k };
  const known = followed && (await followGateQueries(version, followed, exact, run));
  const queries = known ?? (await drawGateQueries(version, exact, run));
  const delta = await openDelta(version, draft);
  const beside = await delta?.nearest(matrixOf(queries, graph.dimensions), graph, k + 1);
  await delta?.close();
  const measured = queries.map((query, place) => ({ ...query, beside: beside?.[place] ?? [] }));
  // A third of the queries chooses ef search, and the others decide.
  const tuning = measured.filter((_, index) => index % 3 === 0);
  const held = measured.length < 3 ? measured : measured.filter((_, index) => index % 3 !== 0);
  const tried: { expansionSearch: number; recall: number }[] = [];
  let { search } = draft;
  for (const expansionSearch of LADDER) {
    throwIfStopped(run.signal);
    search = searchParametersOf(expansionSearch, graph.precision);
    const recalls = await recallsWith({ graphs, source, draft: { ...draft, search }, k }, tuning);
    tried.push({ expansionSearch, recall: meanOf(recalls) });
    if (meanOf(recalls) >= Math.min(1, target + chanceMargin(recalls, held.length))) break;
  }
  const recall = meanOf(await recallsWith({ graphs, source, draft: { ...draft, search }, k }, held));
  return { gate: { target, k, queries: held.length, recall, tried }, search, queries };
}

/** Opens the graphs of an index one after the other, so that one of them is in memory. */
class GraphOfGate {
  readonly files: readonly LocalGraph[];
  #opened: { file: LocalGraph; graph: OpenGraph } | undefined;

  constructor(files: readonly LocalGraph[]) {
    this.files = files;
  }

  /** Opens a graph, to be searched as the draft says. One that is open is not read again. */
  async open(file: LocalGraph, draft: IndexManifest): Promise<OpenGraph> {
    const opened = this.#opened?.file === file ? this.#opened.graph : undefined;
    if (opened?.graph instanceof MemoryGraph) {
      opened.graph.expansionSearch = draft.search.expansionSearch;
      return opened;
    }
    this.#opened = undefined;
    const [graph] = await openGraphs([file], draft);
    this.#opened = { file, graph: graph! };
    return graph!;
  }
}

/** A query, and the rows beside the graphs that are nearest to it. */
interface MeasuredQuery extends GateQuery {
  beside: readonly Neighbour[];
}

/** The values that all measurements with one ef search share. */
interface Measured {
  graphs: GraphOfGate;
  source: VersionVectors;
  draft: IndexManifest;
  k: number;
}

/**
 * Returns the recall of each query. One graph is in memory at a time. If the keys of the rows that
 * a search would score decide the recall, no vectors are read.
 */
async function recallsWith(
  { graphs, source, draft, k }: Measured,
  queries: readonly MeasuredQuery[],
): Promise<number[]> {
  const { graph: parameters, search } = draft;
  const request = { k: k + 1, oversampling: search.oversampling };
  const near: NearInGraph[][] = queries.map(() => []);
  for (const file of graphs.files) {
    const graph = await graphs.open(file, draft);
    for (const [place, { vector }] of queries.entries())
      near[place]!.push(nearInGraph(graph, parameters, vector, request));
  }
  const recalls: number[] = [];
  for (const [place, { own, vector, known, beside }] of queries.entries()) {
    const found = mergeNear(near[place]!, request);
    const keys = [...found.keys, ...beside.map(({ rowKey }) => rowKey)].filter((key) => key !== own);
    let recall = found.exhausted.length === 0 ? knownRecall(known, keys, k) : undefined;
    if (recall === undefined) {
      const inGraphs = await scoreCandidates(found, source, vector, { ...parameters, k: k + 1 });
      const others = nearestOf(inGraphs, beside, k + 1).filter(({ rowKey }) => rowKey !== own);
      recall = recallOf(others, known.nearest.slice(0, k));
    }
    recalls.push(recall);
  }
  return recalls;
}
