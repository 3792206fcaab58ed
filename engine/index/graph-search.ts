import type { Index } from 'usearch';
import type { GraphParameters, SearchParameters } from '../../core/index/index-options.js';
import { byScore, type Neighbour } from '../../core/index/neighbour.js';
import { scorerOf } from '../../core/index/score.js';
import { asGraphRows } from './usearch.js';
import type { VectorSource } from './version-vectors.js';

/** Graphs that together hold each row once, opened with the ef search that they are to be searched with. */
export interface GraphSet {
  graphs: readonly Index[];
  parameters: GraphParameters;
}

/** The native call takes no more; the best of every graph are merged anyway. */
const MOST_CANDIDATES = 10_000;

/**
 * The `k` nearest rows: each graph's best candidates, the best of all of them scored with the vectors of `source`, best
 * first. `k` is at most the number of rows. Blocks for as long as the graphs are searched, some tenths of a millisecond each.
 */
export async function searchGraphs(
  { graphs, parameters }: GraphSet,
  source: VectorSource,
  query: Float32Array,
  { k, oversampling }: { k: number } & Pick<SearchParameters, 'oversampling'>,
): Promise<Neighbour[]> {
  const { metric, dimensions } = parameters;
  const wanted = Math.max(k, Math.min(MOST_CANDIDATES, Math.ceil(k * oversampling)));
  const target = asGraphRows(query, metric, dimensions);
  const candidates: { key: bigint; distance: number }[] = [];
  for (const graph of graphs) {
    const { keys, distances } = graph.search(target, Math.min(wanted, graph.size()), 1);
    for (let index = 0; index < keys.length; index += 1)
      candidates.push({ key: keys[index]!, distance: distances[index]! });
  }
  if (graphs.length > 1) candidates.sort((a, b) => a.distance - b.distance);
  const keys = candidates.slice(0, wanted).map(({ key }) => key);
  return (await scoreRows(keys, source, query, { metric })).slice(0, k);
}

/** The rows of these keys with their scores, best first. */
export async function scoreRows(
  keys: readonly bigint[],
  source: VectorSource,
  query: Float32Array,
  { metric }: Pick<GraphParameters, 'metric'>,
): Promise<Neighbour[]> {
  const places = await source.places(keys);
  const score = scorerOf(metric, query);
  return keys.map((rowKey, index): Neighbour => ({ rowKey, score: score(places[index]!) })).sort(byScore);
}
