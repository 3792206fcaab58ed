/**
 * The least and the greatest value of each dimension, both inclusive. They are float32 values, so
 * that JSON keeps them exactly.
 */
export interface ValueRanges {
  /** `[dimensions]` */
  min: readonly number[];
  /** `[dimensions]` */
  max: readonly number[];
}

/**
 * Returns the ranges of row-major `[rows, dimensions]` vectors. Undefined where there are no rows.
 * RangeError for a value that is not finite, since comparisons would ignore NaN.
 */
export function rangesOf(vectors: Float32Array, dimensions: number): ValueRanges | undefined {
  if (vectors.length === 0) return undefined;
  const min = new Float64Array(dimensions).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(dimensions).fill(Number.NEGATIVE_INFINITY);
  for (let at = 0; at < vectors.length; at += dimensions) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      // Adding 0 turns −0 into 0, because JSON has no negative zero.
      const value = vectors[at + dimension]! + 0;
      if (!Number.isFinite(value)) throw new RangeError(`value ${at + dimension} is not finite`);
      if (value < min[dimension]!) min[dimension] = value;
      if (value > max[dimension]!) max[dimension] = value;
    }
  }
  return { min: Array.from(min), max: Array.from(max) };
}

/**
 * Returns the ranges of two sets of rows together. Undefined stands for no rows. RangeError for
 * unequal dimensions.
 */
export function mergeRanges(
  left: ValueRanges | undefined,
  right: ValueRanges | undefined,
): ValueRanges | undefined {
  if (!left || !right) return left ?? right;
  if (left.min.length !== right.min.length)
    throw new RangeError(`ranges of ${left.min.length} and of ${right.min.length} dimensions`);
  return {
    min: left.min.map((value, dimension) => Math.min(value, right.min[dimension]!)),
    max: left.max.map((value, dimension) => Math.max(value, right.max[dimension]!)),
  };
}
