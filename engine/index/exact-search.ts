import type { HnswParameters } from '../../core/index/index-options.js';
import { byScore, type Neighbour } from '../../core/index/neighbour.js';
import { scorerOf } from '../../core/index/score.js';
import type { LivePart, VersionParts } from '../../core/version-parts.js';
import type { IndexWorker } from './index-worker.js';
import { asHnswRows } from './usearch.js';
import type { DecodedFile } from './version-vectors.js';

/**
 * This many rows beyond `k` are taken from each file, because rounding in float32 sums decides the
 * order of equal rows.
 */
const SPARE = 8;

/** The parts that exact search reads, and the thread in which it computes. */
export interface ExactSearch {
  worker: IndexWorker;
  parts: VersionParts;
  read(part: LivePart): Promise<DecodedFile>;
  /** Is called with the number of parts that the queries have been compared with. */
  onPart?(done: number): void;
}

/**
 * Finds the `k` rows nearest to each of the queries `[queries, dimensions]`, best first, by
 * comparison with every row. One file is in memory at a time. A list has fewer than `k` rows only
 * where there are fewer rows.
 */
export async function searchExactly(
  { worker, parts, read, onPart }: ExactSearch,
  queries: Float32Array,
  { metric, dimensions }: Pick<HnswParameters, 'metric' | 'dimensions'>,
  k: number,
): Promise<Neighbour[][]> {
  const lists: Neighbour[][] = Array.from({ length: queries.length / dimensions }, () => []);
  let done = 0;
  for (const part of parts) {
    const { rowKeys, vectors, norms } = await read(part);
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
    done += 1;
    onPart?.(done);
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
