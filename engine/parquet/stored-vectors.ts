import type { ValueRanges } from '../../core/value-ranges.js';
import { decodeVectors, encodeVectors, type StoredValues } from '../../core/vector-encoding.js';
import {
  storedWidth,
  VECTOR_PRECISIONS,
  type VectorEncoding,
  type VectorPrecision,
} from '../../core/vector-precision.js';
import type { ColumnReader } from './column-reader.js';
import { type Column, vectorColumn } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';

/** Vectors as they are computed and compared, and how a file stores them. */
export interface StoredVectors {
  /**
   * Row-major `[rows, dimensions]`. After reading from a file, these are the values that its stored
   * numbers stand for.
   */
  vectors: Float32Array;
  dimensions: number;
  encoding: VectorEncoding;
  /**
   * Rows whose stored numbers, `[storedWidth]`, are known and are written as they are. Nothing is
   * encoded of their vectors. Absent after reading from a file.
   */
  stored?: ReadonlyMap<number, StoredValues> | undefined;
}

/**
 * Makes the column of stored numbers, and the footer entries without which they cannot be read
 * back.
 */
export function storedVectorColumn(
  name: string,
  { vectors, dimensions, encoding, stored }: StoredVectors,
): { column: Column; footer: Footer } {
  const { precision, ranges } = encoding;
  const values = encodeVectors(vectors, dimensions, encoding);
  const width = storedWidth(precision, dimensions);
  if (stored) for (const [row, numbers] of stored) values.set(numbers, row * width);
  return {
    column: vectorColumn(name, values, width),
    footer: {
      precision,
      dimensions: String(dimensions),
      ...(ranges ? { ranges: JSON.stringify({ min: ranges.min, max: ranges.max }) } : {}),
    },
  };
}

/**
 * Reads such a column back. A file that does not name its precision comes from a release that wrote
 * only float32. Errors: FILE_DAMAGED.
 */
export function readStoredVectors(
  columns: ColumnReader,
  footer: Footer,
  { name, file }: { name: string; file: string },
): StoredVectors {
  const { values, width } = columns.vectors(name);
  const precision = precisionOf(footer, file);
  const dimensions = footer.dimensions === undefined ? width : Number(footer.dimensions);
  if (storedWidth(precision, dimensions) !== width)
    throw fileDamaged(
      file,
      `column ${name} has ${width} values a row, which are not ${footer.dimensions} dimensions`,
    );
  const ranges = rangesOfFooter(footer, file);
  const encoding: VectorEncoding = ranges ? { precision, ranges } : { precision };
  return { vectors: decoded(values, dimensions, encoding, file), dimensions, encoding };
}

function decoded(
  values: StoredValues,
  dimensions: number,
  encoding: VectorEncoding,
  file: string,
): Float32Array {
  try {
    return decodeVectors(values, dimensions, encoding);
  } catch (cause) {
    throw fileDamaged(file, `its vectors are not the ${encoding.precision} that its footer says`, cause);
  }
}

function precisionOf(footer: Footer, file: string): VectorPrecision {
  const precision = VECTOR_PRECISIONS.find((known) => known === (footer.precision ?? 'float32'));
  if (precision) return precision;
  throw fileDamaged(file, 'its footer names a precision that is unknown here');
}

function rangesOfFooter(footer: Footer, file: string): ValueRanges | undefined {
  if (footer.ranges === undefined) return undefined;
  try {
    const { min, max } = JSON.parse(footer.ranges) as ValueRanges;
    if (![min, max].every((side) => Array.isArray(side) && side.every(Number.isFinite)))
      throw new RangeError('not two lists of numbers');
    return { min, max };
  } catch (cause) {
    throw fileDamaged(file, 'the ranges in its footer cannot be read', cause);
  }
}
