/**
 * Stores each dimension as one bit, which is set where the value is above 0: `[rows, dimensions]`
 * becomes `[rows, ceil(dimensions / 8)]`. The first dimension is the highest bit of the first byte,
 * and the last byte is filled up with 0, as in NumPy's `packbits`.
 */
export function packSigns(vectors: Float32Array, dimensions: number): Uint8Array {
  const width = Math.ceil(dimensions / 8);
  const rows = vectors.length / dimensions;
  const bytes = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      if (vectors[row * dimensions + dimension]! > 0)
        bytes[row * width + (dimension >> 3)]! |= 0x80 >> (dimension & 7);
    }
  }
  return bytes;
}

/**
 * Reads what `packSigns` stored, as `[rows, dimensions]`: 1 where a bit is set and −1 where it is
 * not.
 */
export function unpackSigns(bytes: Uint8Array, dimensions: number): Float32Array {
  const width = Math.ceil(dimensions / 8);
  const rows = bytes.length / width;
  const vectors = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row += 1) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      const isSet = (bytes[row * width + (dimension >> 3)]! & (0x80 >> (dimension & 7))) !== 0;
      vectors[row * dimensions + dimension] = isSet ? 1 : -1;
    }
  }
  return vectors;
}
