import { leastHit, type Neighbour } from './neighbour.js';

/** A row with its exact score. A higher score is nearer. */
export type KnownRow = Pick<Neighbour, 'rowKey' | 'score'>;

/** The exact neighbours of a query, as far as they are known. */
export interface KnownNeighbours {
  /** The rows with the best scores, best first. */
  nearest: readonly KnownRow[];
  /** No other row scores more than this. It is -Infinity where there are no other rows. */
  bound: number;
}

/** The number of neighbours that are kept for each query. */
export const KNOWN_NEIGHBOURS = 100;

/**
 * Returns what is known after an exact search, whose list is best first. `rows` is the number of
 * rows that were compared.
 */
export function knownAfterSearch(list: readonly KnownRow[], rows: number): KnownNeighbours {
  const nearest = list.slice(0, KNOWN_NEIGHBOURS);
  return { nearest, bound: rows <= nearest.length ? Number.NEGATIVE_INFINITY : nearest.at(-1)!.score };
}

/**
 * Returns what is still known once rows have died and others were added. `added` are the nearest of
 * the added rows, best first: `KNOWN_NEIGHBOURS` of them, or all. Added rows that score less than
 * rows that were never listed are not listed either.
 */
export function knownAfterChange(
  { nearest, bound }: KnownNeighbours,
  lives: (rowKey: bigint) => boolean,
  added: readonly KnownRow[],
): KnownNeighbours {
  const all = [
    ...nearest.filter(({ rowKey }) => lives(rowKey)),
    ...added.filter(({ score }) => score >= bound),
  ].sort((a, b) => b.score - a.score);
  if (all.length <= KNOWN_NEIGHBOURS) return { nearest: all, bound };
  const kept = all.slice(0, KNOWN_NEIGHBOURS);
  return { nearest: kept, bound: kept.at(-1)!.score };
}

/** Returns whether the `k` nearest rows are known, or all rows where there are fewer. */
export function knowsNearest({ nearest, bound }: KnownNeighbours, k: number): boolean {
  return nearest.length >= k || bound === Number.NEGATIVE_INFINITY;
}

/**
 * Returns the recall of a search that scored these rows, as `recallOf` measures it, without their
 * scores. Undefined where a row that is not listed may be as near as the `k` nearest.
 */
export function knownRecall(
  { nearest, bound }: KnownNeighbours,
  scored: Iterable<bigint>,
  k: number,
): number | undefined {
  const truth = nearest.slice(0, k);
  const least = leastHit(truth);
  if (least === undefined) return 1;
  if (bound >= least) return undefined;
  const hits = new Set(nearest.filter(({ score }) => score >= least).map(({ rowKey }) => rowKey));
  const found = new Set([...scored].filter((key) => hits.has(key)));
  return Math.min(truth.length, found.size) / truth.length;
}
