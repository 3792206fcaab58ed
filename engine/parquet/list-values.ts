/** The length of a SHA-256, in bytes. */
export const SHA256_BYTES = 32;

/**
 * Returns one number of each row as unsigned 32-bit integers. Throws RangeError for a number that
 * is none.
 */
export function uint32Of<Row>(rows: readonly Row[], pick: (row: Row) => number): Uint32Array {
  const values = new Uint32Array(rows.length);
  for (const [place, row] of rows.entries()) {
    const value = pick(row);
    values[place] = value;
    if (values[place] !== value) throw new RangeError(`${value} is no unsigned 32-bit integer`);
  }
  return values;
}

/** Returns the SHA-256 of each row, given in hex, as row-major bytes `[rows, 32]`. */
export function sha256BytesOf(rows: readonly { sha256: string }[]): Uint8Array {
  return hexBytesOf(
    rows.map(({ sha256 }) => sha256),
    SHA256_BYTES,
  );
}

/**
 * Returns byte strings that are given in hex as row-major bytes `[rows, width]`. Throws RangeError
 * for one of another width.
 */
export function hexBytesOf(rows: readonly string[], width: number): Uint8Array {
  const bytes = Buffer.alloc(rows.length * width);
  for (const [place, hex] of rows.entries())
    if (hex.length !== 2 * width || bytes.write(hex, place * width, 'hex') !== width)
      throw new RangeError(`${JSON.stringify(hex)} is no hash of ${width} bytes`);
  return bytes;
}

/** Returns the byte string of a row of `[rows, width]` in hex. */
export function hexAt(bytes: Uint8Array, row: number, width: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + row * width, width).toString('hex');
}
