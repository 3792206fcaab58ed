import { scorerOf } from '../../core/index/score.js';
import type { ScoredRow } from '../../core/top-k.js';
import type { OpenIndex } from '../index/open-index.js';
import { searchIndex } from '../index/search-index.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { exactRows } from './exact-rows.js';
import type { NearestOptions, NearestRows } from './nearest-rows.js';

/**
 * A filtered search asks a graph for at most this many rows. If that is not enough, all allowed
 * rows are compared.
 */
const MAX_GRAPH_CANDIDATES = 2_000;

/**
 * Finds the rows nearest to a query vector `[dimensions]` by an index, with scores in the index's
 * metric. With `allowed`, the graphs are asked for more and more rows until enough of them are
 * allowed. If the graphs do not find enough, all allowed rows are compared. Errors: those of
 * `searchIndex`.
 */
export async function indexedRows(
  version: ReadableVersion,
  index: OpenIndex,
  query: Float32Array,
  options: NearestOptions,
): Promise<NearestRows> {
  const { k, allowed, also } = options;
  const { graph, kind } = index.manifest;
  const search = async (candidates: number): Promise<ScoredRow[]> => {
    const [found = []] = await searchIndex(version, index, [query], candidates);
    return found.map(({ rowKey, score }) => ({ score, row: version.parts.rowOf(rowKey)! }));
  };
  const scores = await scoresOf(index, query, [...(also ?? [])], (row) => version.parts.keyOf(row));
  const count = allowed ? allowed.reduce((sum, one) => sum + one, 0) : index.manifest.source.rows;
  const wanted = Math.min(k, count);
  const mayFind = ({ row }: ScoredRow) => allowed?.[row] !== 0;
  const first = allowed ? Math.ceil((wanted * allowed.length) / Math.max(1, count)) : wanted;
  const most = allowed ? (kind === 'exact' ? 0 : MAX_GRAPH_CANDIDATES) : wanted;
  for (let candidates = first; candidates <= most && candidates > 0; candidates *= 2) {
    const nearest = (await search(candidates)).filter(mayFind).slice(0, wanted);
    if (nearest.length === wanted) return { nearest, scores };
  }
  return exactRows(version, graph.metric, query, options);
}

async function scoresOf(
  { source, manifest }: OpenIndex,
  query: Float32Array,
  wanted: readonly number[],
  keyOf: (row: number) => bigint,
): Promise<ReadonlyMap<number, number>> {
  const ascending = [...wanted].sort((a, b) => a - b);
  const places = await source.places(BigUint64Array.from(ascending, keyOf));
  const score = scorerOf(manifest.graph.metric, query);
  return new Map(ascending.map((row, index) => [row, score(places[index]!)]));
}
