import { setImmediate } from 'node:timers/promises';
import { counted } from '../../core/counted.js';
import { byScore, type Neighbour } from '../../core/index/neighbour.js';
import type { LivePart } from '../../core/version-parts.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { searchExactly } from './exact-search.js';
import { MAX_CANDIDATES, searchHnswGraphs } from './graph-search.js';
import { indexError } from './index-errors.js';
import { IndexWorker } from './index-worker.js';
import type { OpenIndex } from './open-index.js';

/** After this many searches, the event loop may run other work, such as heartbeats. */
const SEARCHES_AT_ONCE = 64;

/**
 * Finds the `k` rows nearest to each query vector `[dimensions]`, best first, or all rows where
 * there are fewer than `k`. Scores are in the index's metric and computed with the version's own
 * vectors. Errors: INDEX_MISMATCH for a vector of other dimensions; CHECKSUM_MISMATCH,
 * OBJECT_NOT_FOUND, FILE_DAMAGED for the version's vector files.
 */
export async function searchIndex(
  version: ReadableVersion,
  { manifest, graphs, delta, source, worker }: OpenIndex,
  queries: readonly Float32Array[],
  k: number,
): Promise<Neighbour[][]> {
  const { graph, search } = manifest;
  const wrong = queries.find((query) => query.length !== graph.dimensions);
  if (wrong) {
    throw indexError(
      'INDEX_MISMATCH',
      `the query has ${counted(wrong.length, 'dimension')}, the index ${manifest.name} ${graph.dimensions}`,
      'Embed the query with the model that the version was embedded with.',
    );
  }
  const wanted = Math.min(k, manifest.source.rows);
  // A graph may have rows that no path leads to, so that only a comparison with all rows is sure to
  // find them all.
  if (worker || wanted === manifest.source.rows || wanted > MAX_CANDIDATES) {
    const read = (part: LivePart) => source.read(part);
    const computing = worker ?? new IndexWorker();
    try {
      const rows = rowsOf(queries, graph.dimensions);
      return await searchExactly({ worker: computing, parts: version.parts, read }, rows, graph, wanted);
    } finally {
      if (!worker) await computing.close();
    }
  }
  const beside = await delta?.nearest(rowsOf(queries, graph.dimensions), graph, wanted);
  const request = { k: wanted, oversampling: search.oversampling };
  const found: Neighbour[][] = [];
  for (const [place, query] of queries.entries()) {
    if (place % SEARCHES_AT_ONCE === SEARCHES_AT_ONCE - 1) await setImmediate();
    const inGraphs = await searchHnswGraphs({ graphs, parameters: graph }, source, query, request);
    found.push(beside ? nearestOf(inGraphs, beside[place]!, wanted) : inGraphs);
  }
  return found;
}

/** Returns the `k` best of two lists that are best first and have no row in common. */
export function nearestOf(left: readonly Neighbour[], right: readonly Neighbour[], k: number): Neighbour[] {
  return [...left, ...right].sort(byScore).slice(0, k);
}

function rowsOf(queries: readonly Float32Array[], dimensions: number): Float32Array {
  const rows = new Float32Array(queries.length * dimensions);
  for (const [index, query] of queries.entries()) rows.set(query, index * dimensions);
  return rows;
}
