/**
 * The k best rows of each of several queries, over blocks of rows that come one after the other. A
 * row that is kept takes 8 bytes. Rows must come in ascending order, so that equal scores stay in
 * the order of the rows.
 */
export class RunningTopK {
  readonly #k: number;
  readonly #scores: Float32Array;
  readonly #rows: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #mergedScores: Float32Array;
  readonly #mergedRows: Uint32Array;

  constructor(queries: number, k: number) {
    this.#k = k;
    this.#scores = new Float32Array(queries * k);
    this.#rows = new Uint32Array(queries * k);
    this.#sizes = new Uint32Array(queries);
    this.#mergedScores = new Float32Array(k);
    this.#mergedRows = new Uint32Array(k);
  }

  /**
   * Takes the result of a block for a query: `count` scores, the best first, and the rows that they
   * belong to, from `at` on.
   */
  merge(
    query: number,
    block: { scores: Float32Array; rows: ArrayLike<number> },
    at: number,
    count: number,
  ): void {
    const k = this.#k;
    const start = query * k;
    const size = this.#sizes[query]!;
    if (size === k && block.scores[at]! <= this.#scores[start + k - 1]!) return;
    const total = Math.min(k, size + count);
    for (let place = 0, kept = 0, other = 0; place < total; place += 1) {
      const takeKept =
        kept < size && (other >= count || this.#scores[start + kept]! >= block.scores[at + other]!);
      this.#mergedScores[place] = takeKept ? this.#scores[start + kept]! : block.scores[at + other]!;
      this.#mergedRows[place] = takeKept ? this.#rows[start + kept]! : block.rows[at + other]!;
      if (takeKept) kept += 1;
      else other += 1;
    }
    this.#scores.set(this.#mergedScores.subarray(0, total), start);
    this.#rows.set(this.#mergedRows.subarray(0, total), start);
    this.#sizes[query] = total;
  }

  /** Returns a query's rows, the best first. */
  of(query: number): { row: number; score: number }[] {
    const start = query * this.#k;
    return Array.from({ length: this.#sizes[query]! }, (_, place) => ({
      row: this.#rows[start + place]!,
      score: this.#scores[start + place]!,
    }));
  }
}
