/** Bytes that a store writes without holding all of them. They stay the same while it writes. */
export interface LargeBody {
  /** The number of all bytes. */
  readonly length: number;
  /**
   * Returns the bytes `[start, end)`, which lie within the body. A store may ask for the same bytes
   * again. It passes errors that have a code on as they are.
   */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Returns bytes `[start, end)` of what a store is given to write. */
export async function readBody(
  body: Uint8Array | LargeBody,
  start: number,
  end: number,
): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body.subarray(start, end) : body.read(start, end);
}

/** Yields all bytes in order. Each piece has `pieceBytes` but the last, which may have fewer. */
export async function* piecesOfBody(
  body: Uint8Array | LargeBody,
  pieceBytes: number,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < body.length; start += pieceBytes)
    yield await readBody(body, start, Math.min(start + pieceBytes, body.length));
}
