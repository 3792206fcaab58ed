/** Chunk ids by their rows, as UTF-8, which takes less memory than strings. */
export class IdBytes {
  /** `[rows]`: the size of each id in bytes. */
  readonly lengths: Uint32Array;
  /** All ids, one after the other. */
  readonly text: Uint8Array;
  readonly #starts: Float64Array;

  constructor(lengths: Uint32Array, text: Uint8Array) {
    this.lengths = lengths;
    this.text = text;
    this.#starts = new Float64Array(lengths.length + 1);
    for (const [row, length] of lengths.entries()) this.#starts[row + 1] = this.#starts[row]! + length;
  }

  static of(ids: readonly string[]): IdBytes {
    const encoded = ids.map((id) => Buffer.from(id));
    return new IdBytes(
      Uint32Array.from(encoded, ({ length }) => length),
      Buffer.concat(encoded),
    );
  }

  at(row: number): Uint8Array {
    return this.text.subarray(this.#starts[row], this.#starts[row + 1]);
  }
}
