import { maxOf } from '../../core/extremes.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import { byScore, type Neighbour } from '../../core/index/neighbour.js';
import { normsOf, scorerOf } from '../../core/index/score.js';
import type { LivePart, VersionParts } from '../../core/version-parts.js';
import type { IndexWorker } from './index-worker.js';
import { asHnswRows } from './usearch.js';
import type { DecodedFile } from './version-vectors.js';

/**
 * This many rows beyond `k` are taken from each file, because rounding in float32 sums decides the
 * order of equal rows.
 */
const SPARE = 8;

/** The greatest relative error of one rounding to float32. */
const ROUNDING = 2 ** -24;
/** The roundings of a score beside those of its sum, with some to spare. */
const OTHER_ROUNDINGS = 8;

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
 * comparison with every row. Of equal scores, the lower chunk id comes first, also where more rows
 * are equal than are wanted. One file is in memory at a time. A list has fewer than `k` rows only
 * where there are fewer rows.
 */
export async function searchExactly(
  { worker, parts, read, onPart }: ExactSearch,
  queries: Float32Array,
  { metric, dimensions }: Pick<HnswParameters, 'metric' | 'dimensions'>,
  k: number,
): Promise<Neighbour[][]> {
  const lists: Neighbour[][] = Array.from({ length: queries.length / dimensions }, () => []);
  const closest = closestOthers(metric, dimensions);
  let done = 0;
  for (const part of parts) {
    const decoded = await read(part);
    const { rowKeys, vectors, norms } = decoded;
    const candidates = await worker.run({
      kind: 'exact',
      rows: copyOf(asHnswRows(vectors, metric, dimensions), vectors),
      queries: copyOf(asHnswRows(queries, metric, dimensions), queries),
      metric,
      dimensions,
      k: Math.min(rowKeys.length, k + SPARE),
    });
    const longest = metric === 'dot' ? maxOf(norms) : 1;
    for (const [query, { keys, distances }] of candidates.entries()) {
      const vector = queries.subarray(query * dimensions, (query + 1) * dimensions);
      const neighbourAt = neighboursIn(decoded, scorerOf(metric, vector), dimensions);
      const rows = Array.from(keys, Number);
      const before = lists[query]!.length === k ? lists[query]!.at(-1)!.score : Number.NEGATIVE_INFINITY;
      const near = rows.filter((_, place) => closest(distances[place]!, vector, longest) >= before);
      const list = [...lists[query]!, ...near.map(neighbourAt)].sort(byScore).slice(0, k);
      lists[query] = list;
      const least = list.at(-1)?.score ?? Number.POSITIVE_INFINITY;
      if (rows.length === rowKeys.length || closest(distances.at(-1)!, vector, longest) < least) continue;
      // Rows that were not taken may be as near as the last, as where many rows are equal.
      const taken = new Set(rows);
      for (let row = 0; row < rowKeys.length; row += 1) {
        if (taken.has(row)) continue;
        const other = neighbourAt(row);
        if (other.score >= least) list.push(other);
      }
      lists[query] = list.sort(byScore).slice(0, k);
    }
    done += 1;
    onPart?.(done);
  }
  return lists;
}

/** Returns a function that scores a row of a file by its number within the file. */
function neighboursIn(
  { rowKeys, chunkIds, vectors, norms }: DecodedFile,
  score: ReturnType<typeof scorerOf>,
  dimensions: number,
): (row: number) => Neighbour {
  return (row) => ({
    rowKey: rowKeys[row]!,
    chunkId: chunkIds[row]!,
    score: score({ vectors, start: row * dimensions, norm: norms[row]! }),
  });
}

/**
 * Returns a function that says which score rows can have at most, whose distance in float32 is not
 * below `distance`. `longest` is the length of the longest row. The sum of `dimensions` products is
 * off by at most as many roundings of the product of both lengths.
 */
function closestOthers(
  metric: HnswParameters['metric'],
  dimensions: number,
): (distance: number, query: Float32Array, longest: number) => number {
  const error = (dimensions + OTHER_ROUNDINGS) * ROUNDING;
  if (metric === 'l2') return (distance) => -Math.sqrt(distance * (1 - error));
  return (distance, query, longest) => {
    const lengths = metric === 'cosine' ? 1 : longest * maxOf(normsOf(query, dimensions));
    return 1 - distance + error * Math.max(1, lengths);
  };
}

/**
 * Arrays that go to a thread are no longer usable here, so that vectors that are still needed are
 * copied first.
 */
function copyOf(values: Float32Array, needed: Float32Array): Float32Array {
  return values === needed ? values.slice() : values;
}
