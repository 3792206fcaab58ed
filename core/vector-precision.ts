import type { ValueRanges } from './value-ranges.js';

/**
 * The precisions in which a version may store the numbers of its vectors. The names are those of
 * sentence-transformers, and float16.
 */
export const VECTOR_PRECISIONS = ['float32', 'float16', 'int8', 'uint8', 'binary', 'ubinary'] as const;
export type VectorPrecision = (typeof VECTOR_PRECISIONS)[number];

/** Precisions that store numbers as steps within a range of values. */
export type RangedPrecision = Extract<VectorPrecision, 'int8' | 'uint8'>;

/** The values that a reader needs to read stored numbers back. */
export interface VectorEncoding {
  precision: VectorPrecision;
  /**
   * The ranges of `int8` and `uint8`, one pair for each dimension, the same for every row that is
   * compared. Absent where there are no rows.
   */
  ranges?: ValueRanges | undefined;
}

/** Returns whether numbers can only be stored once the ranges over all rows are known. */
export function needsRanges(precision: VectorPrecision): precision is RangedPrecision {
  return precision === 'int8' || precision === 'uint8';
}

/**
 * Returns the number of values that one vector is stored as: whole bytes with a bit for each
 * dimension, or one number for each dimension.
 */
export function storedWidth(precision: VectorPrecision, dimensions: number): number {
  return precision === 'binary' || precision === 'ubinary' ? Math.ceil(dimensions / 8) : dimensions;
}

/** Returns the number of bytes that one vector is stored in. */
export function storedBytes(precision: VectorPrecision, dimensions: number): number {
  const bytesOfNumber = precision === 'float32' ? 4 : precision === 'float16' ? 2 : 1;
  return storedWidth(precision, dimensions) * bytesOfNumber;
}

/** Returns the largest magnitude that a precision can hold. */
export function largestValue(precision: VectorPrecision): number {
  if (precision === 'float16') return LARGEST_FLOAT16;
  // Half of the largest float32, so that the width of a range is finite, too.
  return needsRanges(precision) ? LARGEST_FLOAT32 / 2 : LARGEST_FLOAT32;
}

const LARGEST_FLOAT16 = 65_504;
const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;
