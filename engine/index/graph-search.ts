import type { HnswParameters, SearchParameters } from '../../core/index/index-options.js';
import { byScore, type Neighbour } from '../../core/index/neighbour.js';
import { scorerOf } from '../../core/index/score.js';
import type { AttachedRows } from './attached-rows.js';
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
}

/**
 * Graphs that together hold each row once. They were opened with the ef search of their searches.
 */
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
 * Finds the `k` nearest rows, best first: the best candidates of each graph are merged, and the
 * best of those are scored with the vectors of `source`. `k` is at most the number of rows. It
 * blocks while the graphs are searched, some tenths of a millisecond each.
 */
export async function searchHnswGraphs(
  set: GraphSet,
  source: VectorSource,
  query: Float32Array,
  request: GraphRequest,
): Promise<Neighbour[]> {
  const keys = candidateKeys(set, query, request);
  return (await scoreRows(keys, source, query, set.parameters)).slice(0, request.k);
}

/**
 * Returns the keys of the rows that a search scores, nearest first in the precision of the graphs.
 */
export function candidateKeys(
  { graphs, parameters }: GraphSet,
  query: Float32Array,
  { k, oversampling }: GraphRequest,
): BigUint64Array {
  const { metric, dimensions } = parameters;
  const wanted = Math.max(k, Math.min(MAX_CANDIDATES, Math.ceil(k * oversampling)));
  return bestKeys(graphs, asHnswRows(query, metric, dimensions), wanted);
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
 * Returns the rows that are nearest in the precision of the graphs. An attached row is as near as
 * the row that it is found with.
 */
function bestKeys(graphs: readonly OpenGraph[], target: Float32Array, wanted: number): BigUint64Array {
  const lists = graphs.map(({ graph, attached }) => ({
    ...graph.search(target, Math.min(wanted, graph.size()), 1),
    attached,
  }));
  if (lists.length === 1 && lists[0]!.attached.size === 0) return lists[0]!.keys;
  const candidates = lists.flatMap(({ keys, distances, attached }) =>
    Array.from(keys, (key, index) => ({
      key,
      distance: distances[index]!,
      attached: attached.get(key) ?? [],
    })),
  );
  candidates.sort((a, b) => a.distance - b.distance);
  const keys = new Set<bigint>();
  for (const { key, attached } of candidates) {
    for (const row of [key, ...attached.slice(0, wanted)]) keys.add(row);
    if (keys.size >= wanted) break;
  }
  return BigUint64Array.from([...keys].slice(0, wanted));
}
