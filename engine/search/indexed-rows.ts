import { splitRowKey } from '../../core/ids.js';
import { scorerOf } from '../../core/index/score.js';
import { lastWhere } from '../../core/last-where.js';
import type { VectorPartFile } from '../../core/part.js';
import type { ScoredRow } from '../../core/top-k.js';
import type { OpenIndex } from '../index/open-index.js';
import { searchIndex } from '../index/search-index.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { exactRows } from './exact-rows.js';
import type { NearestOptions, NearestRows } from './nearest-rows.js';

/** Rows that a filtered search asks a graph for; where it would take more to find enough, all that may be found are compared. */
const MOST_LOOKED_AT = 2_000;

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
  const rows = rowNumbers(version.manifest.vectorFiles);
  const look = async (deep: number): Promise<ScoredRow[]> => {
    const [found = []] = await searchIndex(version, index, [query], deep);
    return found.map(({ rowKey, score }) => ({ score, row: rows.ofKey(rowKey) }));
  };
  const scores = await scoresOf(index, query, [...(also ?? [])], rows.toKey);
  const count = allowed ? allowed.reduce((sum, one) => sum + one, 0) : index.manifest.source.rows;
  const wanted = Math.min(k, count);
  const mayFind = ({ row }: ScoredRow) => allowed?.[row] !== 0;
  const first = allowed ? Math.ceil((wanted * allowed.length) / Math.max(1, count)) : wanted;
  const most = allowed ? (kind === 'exact' ? 0 : MOST_LOOKED_AT) : wanted;
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
  toKey: (row: number) => bigint,
): Promise<ReadonlyMap<number, number>> {
  const ascending = [...wanted].sort((a, b) => a - b);
  const places = await source.places(BigUint64Array.from(ascending, toKey));
  const score = scorerOf(manifest.graph.metric, query);
  return new Map(ascending.map((row, index) => [row, score(places[index]!)]));
}

/** Turns row keys into row numbers, which count the rows of all files, and back. */
function rowNumbers(files: readonly VectorPartFile[]) {
  const firstRows: number[] = [];
  let rows = 0;
  for (const { start, end } of files) {
    firstRows.push(rows);
    rows += end - start;
  }
  return {
    ofKey(key: bigint): number {
      const file = lastWhere(files.length, (at) => BigInt(files[at]!.firstKey) <= key);
      return firstRows[file]! + splitRowKey(key).row - files[file]!.start;
    },
    toKey(row: number): bigint {
      const file = lastWhere(files.length, (at) => firstRows[at]! <= row);
      return BigInt(files[file]!.firstKey) + BigInt(row - firstRows[file]!);
    },
  };
}
