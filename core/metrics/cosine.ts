/**
 * The same rows `[rows, dimensions]` with length 1; a row of zeros stays one. The cosine of two is
 * then their product.
 */
export function unitRows(vectors: Float32Array, dimensions: number): Float32Array {
  const units = new Float32Array(vectors.length);
  for (let start = 0; start < vectors.length; start += dimensions) {
    const norm = Math.sqrt(dotAt(vectors, start, vectors, start, dimensions));
    if (norm === 0) continue;
    for (let index = start; index < start + dimensions; index += 1) units[index] = vectors[index]! / norm;
  }
  return units;
}

/**
 * The product of a row of `left` with one of `right`, which begin at those indices. Four sums side
 * by side, because each addition would otherwise wait for the one before it.
 */
export function dotAt(
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  dimensions: number,
): number {
  // Not destructured from an array, which V8 makes twice as slow.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let index = 0;
  for (; index + 3 < dimensions; index += 4) {
    a += left[leftStart + index]! * right[rightStart + index]!;
    b += left[leftStart + index + 1]! * right[rightStart + index + 1]!;
    c += left[leftStart + index + 2]! * right[rightStart + index + 2]!;
    d += left[leftStart + index + 3]! * right[rightStart + index + 3]!;
  }
  for (; index < dimensions; index += 1) a += left[leftStart + index]! * right[rightStart + index]!;
  return a + b + c + d;
}

/** The cosine of two vectors of one length; NaN where one of them is zeros. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    product += a[index]! * b[index]!;
    left += a[index]! ** 2;
    right += b[index]! ** 2;
  }
  return product / Math.sqrt(left * right);
}
