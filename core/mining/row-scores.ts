/**
 * Scores of chosen rows for chosen queries, collected while all rows are read once in ascending
 * order. A score takes 16 bytes. A row that is never read has the score 0.
 */
export class RowScores {
  readonly #starts: number[];
  readonly #rows: Uint32Array;
  readonly #queries: Uint32Array;
  /** The positions of `#rows`, ordered by row. */
  readonly #order: Uint32Array;
  readonly #scores: Float32Array;
  #next = 0;

  /** @param wanted rows of each query */
  constructor(wanted: readonly (readonly number[])[]) {
    let total = 0;
    this.#starts = wanted.map(({ length }) => {
      total += length;
      return total - length;
    });
    this.#rows = new Uint32Array(total);
    this.#queries = new Uint32Array(total);
    for (const [query, rows] of wanted.entries()) {
      this.#rows.set(rows, this.#starts[query]);
      this.#queries.fill(query, this.#starts[query], this.#starts[query]! + rows.length);
    }
    this.#order = Uint32Array.from(this.#rows.keys()).sort((a, b) => this.#rows[a]! - this.#rows[b]!);
    this.#scores = new Float32Array(total);
  }

  /** Calls `scoreOf` for every query that wants the score of this row. */
  take(row: number, scoreOf: (query: number) => number): void {
    for (; this.#next < this.#order.length; this.#next += 1) {
      const place = this.#order[this.#next]!;
      if (this.#rows[place]! > row) return;
      if (this.#rows[place] === row) this.#scores[place] = scoreOf(this.#queries[place]!);
    }
  }

  /**
   * Returns the scores of a query's rows as float32, in the order in which the rows were wanted.
   */
  of(query: number): Float32Array {
    return this.#scores.subarray(this.#starts[query], this.#starts[query + 1]);
  }
}
