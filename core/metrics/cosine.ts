/**
 * Returns the same rows `[rows, dimensions]`, scaled to length 1. A row of zeros stays as it is.
 * The cosine of two such rows is their product.
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
 * Returns the product of a row of `left` with one of `right`, which begin at those indices. It
 * keeps four sums side by side, because each addition would otherwise wait for the one before it.
 */
export function dotAt(
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  dimensions: number,
): number {
  // These are not destructured from an array, because V8 makes that twice as slow.
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

/**
 * Returns the cosine of two vectors of the same length. It is NaN where one of them is all zeros.
 */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    product += a[index]! * b[index]!;
    left += a[index]! ** 2;
    right += b[index]! ** 2;
  }
  return product / Math.sqrt(left * right);
}
