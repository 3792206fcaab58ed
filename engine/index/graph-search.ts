import type { HnswParameters, SearchParameters } from '../../core/index/index-options.js';
import { byScore, type Neighbour } from '../../core/index/neighbour.js';
import { scorerOf } from '../../core/index/score.js';
import { rowKeysOf } from '../../core/row-source.js';
import type { PartFiles } from '../../core/version-parts.js';
import type { AttachedRows } from './attached-rows.js';
import type { LiveMask } from './live-mask.js';
import { asHnswRows, type Candidates } from './usearch.js';
import type { VectorSource } from './version-vectors.js';

/** The part of a graph that a search needs. usearch's own `Index` satisfies it. */
export interface SearchableGraph {
  /**
   * Finds at most `count` rows near a row of `asHnswRows`, nearest first. It blocks until it has
   * found them.
   */
  search(target: Float32Array, count: number, threads: number): Candidates;
  /** Returns the number of rows. */
  size(): number;
}

/** The opened file of a graph. */
export interface OpenGraph {
  graph: SearchableGraph;
  attached: AttachedRows;
  /** The rows that live, where not all do. */
  mask?: LiveMask | undefined;
}

/** Graphs that hold no row twice. They were opened with the ef search of their searches. */
export interface GraphSet {
  graphs: readonly OpenGraph[];
  parameters: HnswParameters;
}

/** usearch accepts no more; the best candidates of all graphs are merged anyway. */
export const MAX_CANDIDATES = 10_000;

/**
 * The number of rows that are wanted, and the number of candidates that are scored for each of
 * them.
 */
export interface GraphRequest extends Pick<SearchParameters, 'oversampling'> {
  k: number;
}

/**
 * Finds the `k` nearest live rows of the graphs, best first, or all where there are fewer: the best
 * candidates of each graph are merged, and the best of those are scored with the vectors of
 * `source`. All live rows of a graph are scored where it leads to too few of them. It blocks while
 * the graphs are searched, some tenths of a millisecond each.
 */
export async function searchHnswGraphs(
  set: GraphSet,
  source: VectorSource,
  query: Float32Array,
  request: GraphRequest,
): Promise<Neighbour[]> {
  return scoreCandidates(candidateKeys(set, query, request), source, query, {
    ...set.parameters,
    k: request.k,
  });
}

/** Returns the `k` best of the rows that a search scores, best first. */
export async function scoreCandidates(
  { keys, exhausted }: GraphCandidates,
  source: VectorSource,
  query: Float32Array,
  { metric, k }: Pick<HnswParameters, 'metric'> & { k: number },
): Promise<Neighbour[]> {
  let found = await scoreRows(keys, source, query, { metric });
  for (const { living } of exhausted) {
    const seen = new Set(keys);
    for (const part of living) {
      const others = keysOfPart(part).filter((key) => !seen.has(key));
      found = [...found, ...(await scoreRows(others, source, query, { metric }))].sort(byScore);
      found = found.slice(0, k);
    }
  }
  return found.slice(0, k);
}

/** The rows that a search scores. */
export interface GraphCandidates {
  /** The keys of live rows, nearest first in the precision of the graphs. */
  keys: BigUint64Array;
  /**
   * The masks of graphs that lead to fewer live rows than are wanted, although they have them: near
   * the query are so many dead rows that no more can be asked for.
   */
  exhausted: readonly LiveMask[];
}

/** Returns the rows that a search scores. */
export function candidateKeys(
  { graphs, parameters }: GraphSet,
  query: Float32Array,
  request: GraphRequest,
): GraphCandidates {
  const wanted = candidatesOf(request);
  const [only] = graphs;
  if (only && graphs.length === 1 && only.attached.size === 0 && !only.mask) {
    const target = asHnswRows(query, parameters.metric, parameters.dimensions);
    return { keys: only.graph.search(target, Math.min(wanted, only.graph.size()), 1).keys, exhausted: [] };
  }
  return mergeNear(
    graphs.map((graph) => nearInGraph(graph, parameters, query, request)),
    request,
  );
}

/** The live rows of one graph that are near a query. */
export interface NearInGraph {
  /** Nearest first in the precision of the graph. */
  near: readonly { key: bigint; distance: number }[];
  mask: LiveMask | undefined;
}

/** Searches one graph. */
export function nearInGraph(
  graph: OpenGraph,
  { metric, dimensions }: HnswParameters,
  query: Float32Array,
  request: GraphRequest,
): NearInGraph {
  const target = asHnswRows(query, metric, dimensions);
  return { near: liveRowsNear(graph, target, candidatesOf(request)), mask: graph.mask };
}

/** Returns the rows that a search scores, out of what it found in each graph. */
export function mergeNear(lists: readonly NearInGraph[], request: GraphRequest): GraphCandidates {
  const wanted = candidatesOf(request);
  const candidates = lists.flatMap(({ near }) => near);
  candidates.sort((a, b) => a.distance - b.distance);
  const keys = new Set<bigint>();
  for (const { key } of candidates) {
    if (keys.size >= wanted) break;
    keys.add(key);
  }
  return {
    keys: BigUint64Array.from(keys),
    exhausted: lists.flatMap(({ mask, near }) =>
      mask && near.length < Math.min(wanted, mask.living.rows) ? [mask] : [],
    ),
  };
}

function candidatesOf({ k, oversampling }: GraphRequest): number {
  return Math.max(k, Math.min(MAX_CANDIDATES, Math.ceil(k * oversampling)));
}

/** Returns the rows of these keys with their scores, best first. */
export async function scoreRows(
  keys: BigUint64Array,
  source: VectorSource,
  query: Float32Array,
  { metric }: Pick<HnswParameters, 'metric'>,
): Promise<Neighbour[]> {
  const ascending = keys.slice().sort();
  const places = await source.places(ascending);
  const score = scorerOf(metric, query);
  return places
    .map(
      (place, index): Neighbour => ({
        rowKey: ascending[index]!,
        chunkId: place.chunkId,
        score: score(place),
      }),
    )
    .sort(byScore);
}

/**
 * Returns the live rows of a graph that are near a row, nearest first. An attached row is as near
 * as the row that it is found with. A graph with dead rows is asked for more and more rows until
 * enough of them live, or until it cannot be asked for more.
 */
function liveRowsNear(
  { graph, attached, mask }: OpenGraph,
  target: Float32Array,
  wanted: number,
): { key: bigint; distance: number }[] {
  const size = graph.size();
  const enough = Math.min(wanted, mask?.living.rows ?? size);
  const most = Math.min(size, MAX_CANDIDATES);
  const first = mask ? Math.ceil((enough * size) / Math.max(1, mask.living.rows)) : enough;
  for (let asked = Math.min(first, most); ; asked = Math.min(2 * asked, most)) {
    const { keys, distances } = graph.search(target, asked, 1);
    const near = [];
    for (let place = 0; place < keys.length; place += 1) {
      const distance = distances[place]!;
      const host = keys[place]!;
      if (!mask?.isDead(host)) near.push({ key: host, distance });
      for (const key of attached.get(host)?.slice(0, wanted) ?? [])
        if (!mask?.isDead(key)) near.push({ key, distance });
    }
    if (!mask || near.length >= enough || asked === most) return near;
  }
}

function keysOfPart(part: PartFiles): BigUint64Array {
  const keys = rowKeysOf(part, part.live).flatMap(({ first, end }) =>
    Array.from({ length: Number(end - first) }, (_, row) => first + BigInt(row)),
  );
  return BigUint64Array.from(keys);
}
