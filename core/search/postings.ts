import type { TermPostings } from './bm25.js';

/** An inverted index: what BM25 needs to know about every row. */
export interface Postings {
  /** The terms. The index of a term is its number. */
  terms: readonly string[];
  /**
   * `[terms + 1]`: where the postings of each term begin. The last number is where all postings
   * end.
   */
  starts: Float64Array;
  /** `[postings]`: the rows of each term, in ascending order. */
  rows: Uint32Array;
  /** `[postings]`: the number of times that the term occurs in that row, at most 65,535. */
  frequencies: Uint16Array;
  /** `[rows]`: the number of terms in each row, with repeated terms counted each time. */
  lengths: Uint32Array;
}

const MAX_FREQUENCY = 0xffff;

/**
 * Collects the terms of rows in their order, and turns them into postings by a counting sort. It
 * holds 10 bytes for each posting while it collects, twice that while it grows, and 6 more while it
 * sorts. A chunk of 200 words has some 100 postings.
 */
export class PostingsBuilder {
  readonly #numbers = new Map<string, number>();
  readonly #terms = new Growing(Uint32Array);
  readonly #rows = new Growing(Uint32Array);
  readonly #frequencies = new Growing(Uint16Array);
  readonly #lengths: number[] = [];

  /** Adds the next row. */
  add(terms: readonly string[]): void {
    const row = this.#lengths.length;
    const counts = new Map<number, number>();
    for (const term of terms) {
      const number = this.#numberOf(term);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    for (const [number, count] of counts) {
      this.#terms.push(number);
      this.#rows.push(row);
      this.#frequencies.push(Math.min(count, MAX_FREQUENCY));
    }
    this.#lengths.push(terms.length);
  }

  build(): Postings {
    const terms = this.#terms.values();
    const rows = this.#rows.values();
    const frequencies = this.#frequencies.values();
    const starts = new Float64Array(this.#numbers.size + 1);
    for (const term of terms) starts[term + 1]! += 1;
    for (let term = 0; term < this.#numbers.size; term += 1) starts[term + 1]! += starts[term]!;
    const next = starts.slice();
    const sorted = {
      rows: new Uint32Array(rows.length),
      frequencies: new Uint16Array(rows.length),
    };
    for (const [index, term] of terms.entries()) {
      const at = next[term]!;
      next[term]! += 1;
      sorted.rows[at] = rows[index]!;
      sorted.frequencies[at] = frequencies[index]!;
    }
    return { terms: [...this.#numbers.keys()], starts, ...sorted, lengths: Uint32Array.from(this.#lengths) };
  }

  #numberOf(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    this.#numbers.set(term, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** Looks up the postings of a term. Undefined for a term that occurs nowhere. */
export function postingsByTerm({
  terms,
  starts,
  rows,
  frequencies,
}: Postings): (term: string) => TermPostings | undefined {
  const numbers = new Map(terms.map((term, number) => [term, number]));
  return (term) => {
    const number = numbers.get(term);
    if (number === undefined) return undefined;
    const [start, end] = [starts[number]!, starts[number + 1]!];
    return { rows: rows.subarray(start, end), frequencies: frequencies.subarray(start, end) };
  };
}

/**
 * A growing array of numbers that does not take the eight bytes that each number takes in a
 * JavaScript array.
 */
class Growing<Numbers extends Uint32Array | Uint16Array> {
  #values: Numbers;
  #length = 0;
  readonly #make: new (
    length: number,
  ) => Numbers;

  constructor(make: new (length: number) => Numbers) {
    this.#make = make;
    this.#values = new make(1024);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new this.#make(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  values(): Numbers {
    return this.#values.subarray(0, this.#length) as Numbers;
  }
}
