/** Reads exact numbers of bytes from a stream whose pieces may have any size. */
export class ByteReader {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private pieces: Uint8Array[] = [];
  private held = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.iterator = bytes[Symbol.asyncIterator]();
  }

  /**
   * Returns the next `length` bytes without consuming them. There are fewer only at the stream's
   * end.
   */
  async peek(length: number): Promise<Uint8Array> {
    while (this.held < length && (await this.fill())) {}
    if (this.pieces.length !== 1) this.pieces = [Buffer.concat(this.pieces)];
    return this.pieces[0]!.subarray(0, length);
  }

  /** Returns the next `length` bytes. Throws BytesEndError if the stream ends before them. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.peek(length);
    if (bytes.length < length) throw new BytesEndError();
    this.pieces = [this.pieces[0]!.subarray(length)];
    this.held -= length;
    return bytes;
  }

  /** Returns some bytes, as they arrived, or undefined at the stream's end. */
  async takeSome(): Promise<Uint8Array | undefined> {
    if (this.held === 0 && !(await this.fill())) return undefined;
    const bytes = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    this.pieces = [];
    this.held = 0;
    return bytes;
  }

  /** Puts bytes back in front of those that are still to come. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.unshift(bytes);
    this.held += bytes.length;
  }

  /**
   * Skips `length` bytes without holding them. Throws BytesEndError if the stream ends before them.
   */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const bytes = await this.takeSome();
      if (bytes === undefined) throw new BytesEndError();
      this.giveBack(bytes.subarray(left));
      left -= Math.min(left, bytes.length);
    }
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  /** Waits for more bytes and says whether any came. */
  private async fill(): Promise<boolean> {
    for (;;) {
      const next = await this.iterator.next();
      if (next.done) return false;
      if (next.value.length === 0) continue;
      this.pieces.push(next.value);
      this.held += next.value.length;
      return true;
    }
  }
}

/** The stream ended before the bytes that were asked for. */
export class BytesEndError extends Error {
  constructor() {
    super('the bytes end too early');
  }
}
