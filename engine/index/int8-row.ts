/**
 * usearch scales what it keeps as int8 by the same number (`cast_to_i8_gt` in its
 * index_plugins.hpp).
 */
const SCALE = 127;

/**
 * Writes the direction of the vector that begins at `start` and is as long as `target`, as whole
 * numbers from −127 to 127. A vector of zeros gives zeros.
 */
export function writeInt8Row(vectors: Float32Array, start: number, target: Int8Array | Int16Array): void {
  const dimensions = Math.min(target.length, vectors.length - start);
  let squares = 0;
  for (let at = 0; at < dimensions; at += 1) squares += vectors[start + at]! * vectors[start + at]!;
  const scale = squares > 0 ? SCALE / Math.sqrt(squares) : 0;
  for (let at = 0; at < dimensions; at += 1)
    target[at] = Math.max(-SCALE, Math.min(SCALE, vectors[start + at]! * scale));
}
