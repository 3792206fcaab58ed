import type { ValueRanges } from './value-ranges.js';
import type { RangedPrecision } from './vector-precision.js';

/** The number of steps that a range is cut into. */
const STEPS = 255;
/** The number that `int8` stores for the code 0. */
const INT8_OFFSET = -128;

/**
 * Returns the width of one step in each dimension, in float32. It is 1 for a dimension whose values
 * are all equal, because a division by 0 gives NaN.
 */
export function stepsOf({ min, max }: ValueRanges): Float32Array {
  return Float32Array.from(min, (least, dimension) => {
    const step = Math.fround(Math.fround(max[dimension]! - least) / STEPS);
    return step === 0 ? 1 : step;
  });
}

/**
 * Turns row-major `[rows, dimensions]` vectors into whole steps above the least value of each
 * dimension: 0 to 255 for `uint8`, −128 to 127 for `int8`. Values beyond the ranges are cut off.
 * The steps are rounded down and computed in float32, as in sentence-transformers'
 * `quantize_embeddings`, so that equal vectors and ranges give equal bytes. (Each operation on two
 * float32 numbers is exact enough in double that `Math.fround` gives the float32 result.)
 */
export function quantise(
  vectors: Float32Array,
  ranges: ValueRanges,
  precision: RangedPrecision,
): Int8Array | Uint8Array {
  const dimensions = ranges.min.length;
  const starts = Float32Array.from(ranges.min);
  const steps = stepsOf(ranges);
  const offset = precision === 'int8' ? INT8_OFFSET : 0;
  const values = precision === 'int8' ? new Int8Array(vectors.length) : new Uint8Array(vectors.length);
  for (let at = 0; at < vectors.length; at += dimensions) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      const above = Math.fround(vectors[at + dimension]! - starts[dimension]!);
      const code = Math.floor(Math.fround(above / steps[dimension]!));
      values[at + dimension] = Math.min(STEPS, Math.max(0, code)) + offset;
    }
  }
  return values;
}

/**
 * Returns the lower edge of each stored step, `[rows, dimensions]`, with which
 * sentence-transformers compares float queries. It is less than one step below the value that was
 * stored.
 */
export function dequantise(values: Int8Array | Uint8Array, ranges: ValueRanges): Float32Array {
  const dimensions = ranges.min.length;
  const steps = stepsOf(ranges);
  const offset = values instanceof Int8Array ? INT8_OFFSET : 0;
  const vectors = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += dimensions) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      const code = values[at + dimension]! - offset;
      vectors[at + dimension] = ranges.min[dimension]! + code * steps[dimension]!;
    }
  }
  return vectors;
}
