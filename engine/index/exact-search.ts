import type { HnswParameters } from '../../core/index/index-options.js';
import { byScore, type Neighbour } from '../../core/index/neighbour.js';
import { scorerOf } from '../../core/index/score.js';
import type { VectorPartFile } from '../../core/part.js';
import type { IndexWorker } from './index-worker.js';
import { asHnswRows } from './usearch.js';
import type { DecodedFile } from './version-vectors.js';

/**
 * This many rows beyond `k` are taken from each file, because rounding in float32 sums decides the
 * order of equal rows.
 */
const SPARE = 8;

/** The files that exact search reads, and the thread in which it computes. */
export interface ExactSearch {
  worker: IndexWorker;
  files: readonly VectorPartFile[];
  read(file: VectorPartFile): Promise<DecodedFile>;
  onFile?(done: number): void;
}

/**
 * Finds the `k` rows nearest to each of the queries `[queries, dimensions]`, best first, by
 * comparison with every row. One file is in memory at a time. A list has fewer than `k` rows only
 * where there are fewer rows.
 */
export async function searchExactly(
  { worker, files, read, onFile }: ExactSearch,
  queries: Float32Array,
  { metric, dimensions }: Pick<HnswParameters, 'metric' | 'dimensions'>,
  k: number,
): Promise<Neighbour[][]> {
  const lists: Neighbour[][] = Array.from({ length: queries.length / dimensions }, () => []);
  for (const [index, file] of files.entries()) {
    const { rowKeys, vectors, norms } = await read(file);
    const candidates = await worker.run({
      kind: 'exact',
      rows: copyOf(asHnswRows(vectors, metric, dimensions), vectors),
      queries: copyOf(asHnswRows(queries, metric, dimensions), queries),
      metric,
      dimensions,
      k: Math.min(rowKeys.length, k + SPARE),
    });
    for (const [query, { keys: rows }] of candidates.entries()) {
      const score = scorerOf(metric, queries.subarray(query * dimensions, (query + 1) * dimensions));
      for (const row of rows) {
        const at = Number(row);
        lists[query]!.push({
          rowKey: rowKeys[at]!,
          score: score({ vectors, start: at * dimensions, norm: norms[at]! }),
        });
      }
      lists[query] = lists[query]!.sort(byScore).slice(0, k);
    }
    onFile?.(index + 1);
  }
  return lists;
}

/**
 * Arrays that go to a thread are no longer usable here, so that vectors that are still needed are
 * copied first.
 */
function copyOf(values: Float32Array, needed: Float32Array): Float32Array {
  return values === needed ? values.slice() : values;
}
