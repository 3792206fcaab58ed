/** Exact numbers of bytes from a stream of pieces. */
export class ByteReader {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private pieces: Uint8Array[] = [];
  private held = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.iterator = bytes[Symbol.asyncIterator]();
  }

  /** The next `length` bytes without consuming them; fewer only at the stream's end. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.held < length) {
      const next = await this.iterator.next();
      if (next.done) break;
      this.pieces.push(next.value);
      this.held += next.value.length;
    }
    if (this.pieces.length !== 1) this.pieces = [Buffer.concat(this.pieces)];
    return this.pieces[0]!.subarray(0, length);
  }

  /** The next `length` bytes. Throws where the stream ends before. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.peek(length);
    if (bytes.length < length) throw new Error('the bytes end too early');
    this.pieces = [this.pieces[0]!.subarray(length)];
    this.held -= length;
    return bytes;
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }
}
