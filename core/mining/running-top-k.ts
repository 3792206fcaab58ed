import { compareIds } from '../ids.js';

/** A row near a query. */
export interface RankedRow {
  row: number;
  score: number;
  /** The id of the row's chunk, which decides between rows of equal score. */
  chunkId: string;
}

/** Orders by score, the best first, and by chunk id where scores are equal. */
export function bestRankedFirst(one: RankedRow, other: RankedRow): number {
  return other.score - one.score || compareIds(one.chunkId, other.chunkId);
}

/**
 * The k best rows of each of several queries, over blocks of rows that come in any order. A row
 * that is kept takes some 40 bytes and its id.
 */
export class RunningTopK {
  readonly #k: number;
  readonly #kept: RankedRow[][];

  constructor(queries: number, k: number) {
    this.#k = k;
    this.#kept = Array.from({ length: queries }, () => []);
  }

  /** Returns the score of the last row that is kept. No row with a lower score can be kept. */
  threshold(query: number): number {
    const kept = this.#kept[query]!;
    return kept.length < this.#k
      ? Number.NEGATIVE_INFINITY
      : (kept.at(-1)?.score ?? Number.POSITIVE_INFINITY);
  }

  /** Takes rows of a query that were not taken before, in any order. */
  merge(query: number, rows: readonly RankedRow[]): void {
    if (rows.length === 0) return;
    const kept = this.#kept[query]!;
    const others = rows.toSorted(bestRankedFirst);
    const merged = new Array<RankedRow>(Math.min(this.#k, kept.length + others.length));
    for (let place = 0, at = 0, other = 0; place < merged.length; place += 1) {
      const isKeptNext =
        other === others.length || (at < kept.length && bestRankedFirst(kept[at]!, others[other]!) < 0);
      if (isKeptNext) {
        merged[place] = kept[at]!;
        at += 1;
      } else {
        merged[place] = others[other]!;
        other += 1;
      }
    }
    this.#kept[query] = merged;
  }

  /** Returns a query's rows, the best first. */
  of(query: number): readonly RankedRow[] {
    return this.#kept[query]!;
  }
}
