import { scorerOf } from '../../core/index/score.js';
import { RowNumbers } from '../../core/row-numbers.js';
import type { ScoredRow } from '../../core/top-k.js';
import type { OpenIndex } from '../index/open-index.js';
import { searchIndex } from '../index/search-index.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { exactRows } from './exact-rows.js';
import type { NearestOptions, NearestRows } from './nearest-rows.js';

/** Rows that a filtered search asks a graph for; where it would take more to find enough, all that may be found are compared. */
const MAX_GRAPH_CANDIDATES = 2_000;

/**
 * The rows nearest to a query vector `[dimensions]` by an index, scored by its metric. With `allowed`, the graphs are asked
 * for ever more rows until enough of them may be found. What graphs do not find is found by comparison.
 * Errors: as of `searchIndex`.
 */
export async function indexedRows(
  version: ReadableVersion,
  index: OpenIndex,
  query: Float32Array,
  options: NearestOptions,
): Promise<NearestRows> {
  const { k, allowed, also } = options;
  const { graph, kind } = index.manifest;
  const rows = new RowNumbers(version.manifest.vectorFiles);
  const look = async (deep: number): Promise<ScoredRow[]> => {
    const [found = []] = await searchIndex(version, index, [query], deep);
    return found.map(({ rowKey, score }) => ({ score, row: rows.ofKey(rowKey) }));
  };
  const scores = await scoresOf(index, query, [...(also ?? [])], (row) => rows.keyOf(row));
  const count = allowed ? allowed.reduce((sum, one) => sum + one, 0) : index.manifest.source.rows;
  const wanted = Math.min(k, count);
  const mayFind = ({ row }: ScoredRow) => allowed?.[row] !== 0;
  const first = allowed ? Math.ceil((wanted * allowed.length) / Math.max(1, count)) : wanted;
  const most = allowed ? (kind === 'exact' ? 0 : MAX_GRAPH_CANDIDATES) : wanted;
  for (let deep = first; deep <= most && deep > 0; deep *= 2) {
    const nearest = (await look(deep)).filter(mayFind).slice(0, wanted);
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
