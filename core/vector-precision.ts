import type { ValueRanges } from './value-ranges.js';

/**
 * How a version may store the numbers of its vectors, by the names that sentence-transformers gives
 * them, and float16.
 */
export const VECTOR_PRECISIONS = ['float32', 'float16', 'int8', 'uint8', 'binary', 'ubinary'] as const;
export type VectorPrecision = (typeof VECTOR_PRECISIONS)[number];

/** Precisions whose numbers count steps of a range of values. */
export type RangedPrecision = Extract<VectorPrecision, 'int8' | 'uint8'>;

/** What is needed to read stored numbers back. */
export interface VectorEncoding {
  precision: VectorPrecision;
  /**
   * Of `int8` and `uint8`, one pair a dimension, the same for every row that is compared; absent
   * where there are no rows.
   */
  ranges?: ValueRanges | undefined;
}

/** Whether numbers can be stored only once the ranges over all rows are known. */
export function needsRanges(precision: VectorPrecision): precision is RangedPrecision {
  return precision === 'int8' || precision === 'uint8';
}

/** Numbers that one vector is stored as: a bit a dimension in whole bytes, or one number each. */
export function storedWidth(precision: VectorPrecision, dimensions: number): number {
  return precision === 'binary' || precision === 'ubinary' ? Math.ceil(dimensions / 8) : dimensions;
}

/** The largest magnitude that a precision can hold. */
export function largestValue(precision: VectorPrecision): number {
  if (precision === 'float16') return LARGEST_FLOAT16;
  // Half of it, so that the width of a range is finite, too.
  return needsRanges(precision) ? LARGEST_FLOAT32 / 2 : LARGEST_FLOAT32;
}

const LARGEST_FLOAT16 = 65_504;
const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
