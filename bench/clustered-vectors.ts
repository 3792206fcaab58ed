/**
 * Vectors of unit length around centres, `[rows, dimensions]`, similar to those of texts about a
 * few subjects. The seed decides them.
 */
export class ClusteredVectors {
  readonly #centres: Float32Array;
  readonly #dimensions: number;
  #state: number;

  constructor(dimensions: number, centres: number, seed = 1) {
    this.#dimensions = dimensions;
    this.#state = seed;
    this.#centres = Float32Array.from({ length: centres * dimensions }, () => this.#normal());
  }

  /**
   * Returns the next rows. Each is a randomly chosen centre plus noise of 1.5 times the spread of
   * the centres.
   */
  rows(count: number): Float32Array {
    const dimensions = this.#dimensions;
    const rows = new Float32Array(count * dimensions);
    const centres = this.#centres.length / dimensions;
    for (let start = 0; start < rows.length; start += dimensions) {
      const centre = Math.floor(this.#uniform() * centres) * dimensions;
      let squares = 0;
      for (let index = 0; index < dimensions; index += 1) {
        const value = this.#centres[centre + index]! + 1.5 * this.#normal();
        rows[start + index] = value;
        squares += value * value;
      }
      const norm = Math.sqrt(squares);
      for (let index = start; index < start + dimensions; index += 1) rows[index]! /= norm;
    }
    return rows;
  }

  /** Draws a number from 0 to 1, by the generator mulberry32 (public domain, T. Ettinger). */
  #uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Draws a nearly normal number with a variance of 1: the scaled sum of four uniform numbers. */
  #normal(): number {
    const sum = this.#uniform() + this.#uniform() + this.#uniform() + this.#uniform();
    return (sum - 2) * Math.sqrt(3);
  }
}
