/** A row with its score. */
export interface ScoredRow {
  score: number;
  row: number;
}

/**
 * Says which of two rows of equal score comes first. The result is below 0 where `row` does. It
 * must not be 0 for two different rows, so that results are deterministic.
 */
export type TieBreak = (row: number, other: number) => number;

/** Lets the lower row number come first, where the numbers themselves follow from ids. */
export const lowerRowFirst: TieBreak = (row, other) => row - other;

/** Keeps the k best of a stream of scored rows in a heap whose root is the worst row kept. */
export class TopK {
  readonly #k: number;
  readonly #tieBreak: TieBreak;
  readonly #heap: ScoredRow[] = [];

  constructor(k: number, tieBreak: TieBreak = lowerRowFirst) {
    this.#k = k;
    this.#tieBreak = tieBreak;
  }

  /** A row with a score below this is not kept. */
  get threshold(): number {
    return this.#heap.length < this.#k ? Number.NEGATIVE_INFINITY : (this.#heap[0]?.score ?? 0);
  }

  offer(score: number, row: number): void {
    const heap = this.#heap;
    const candidate = { score, row };
    if (heap.length < this.#k) {
      heap.push(candidate);
      this.#siftUp(heap.length - 1);
    } else if (heap.length > 0 && this.#ranksLower(heap[0]!, candidate)) {
      heap[0] = candidate;
      this.#siftDown();
    }
  }

  /** Returns the rows that are kept, in no order. */
  rows(): number[] {
    return this.#heap.map(({ row }) => row);
  }

  /** Returns the rows that are kept, the best first. */
  sorted(): ScoredRow[] {
    return [...this.#heap].sort((a, b) => (this.#ranksLower(a, b) ? 1 : -1));
  }

  #siftUp(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#ranksLower(this.#heap[child]!, this.#heap[parent]!)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #siftDown(): void {
    let parent = 0;
    for (;;) {
      let worst = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.#heap.length && this.#ranksLower(this.#heap[child]!, this.#heap[worst]!))
          worst = child;
      }
      if (worst === parent) return;
      this.#swap(worst, parent);
      parent = worst;
    }
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }

  #ranksLower(a: ScoredRow, b: ScoredRow): boolean {
    return a.score < b.score || (a.score === b.score && this.#tieBreak(a.row, b.row) > 0);
  }
}
