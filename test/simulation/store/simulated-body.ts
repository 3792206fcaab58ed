/**
 * The body of an answer to a GET, with what the S3 store needs of a stream. It may come in several
 * pieces, and may break off after some of them.
 */
export class SimulatedBody implements AsyncIterable<Uint8Array> {
  readonly #pieces: readonly Uint8Array[];
  readonly #before: (piece: number) => Promise<void>;
  #isDestroyed = false;

  /** `before` is awaited before each piece; it may throw, and the connection is then broken. */
  constructor(pieces: readonly Uint8Array[], before: (piece: number) => Promise<void> = async () => {}) {
    this.#pieces = pieces;
    this.#before = before;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const [number, piece] of this.#pieces.entries()) {
      await this.#before(number);
      if (this.#isDestroyed) throw new Error('the body was destroyed');
      yield piece;
    }
  }

  on(): this {
    return this;
  }

  destroy(): void {
    this.#isDestroyed = true;
  }
}
