/**
 * Returns the Euclidean distance between a row of `left` and one of `right`, which begin at those
 * indices.
 */
export function l2At(
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  dimensions: number,
): number {
  let squares = 0;
  for (let index = 0; index < dimensions; index += 1) {
    const difference = left[leftStart + index]! - right[rightStart + index]!;
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}

/** Returns the sum of the distances in each dimension, also called the Manhattan distance. */
export function l1At(
  left: Float32Array,
  leftStart: number,
  right: Float32Array,
  rightStart: number,
  dimensions: number,
): number {
  let sum = 0;
  for (let index = 0; index < dimensions; index += 1)
    sum += Math.abs(left[leftStart + index]! - right[rightStart + index]!);
  return sum;
}
