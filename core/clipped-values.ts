import type { ValueRanges } from './value-ranges.js';

/** The numbers of values outside the ranges under which they are stored as the nearest end. */
export interface ClippedValues {
  values: number;
  /** The vectors that have such values. */
  rows: number;
}

/**
 * Returns how many values of row-major `[rows, dimensions]` vectors lie outside the ranges.
 * Undefined where none does. Rows for which `isKnown` is true are left out, because their stored
 * numbers were taken over.
 */
export function clippedIn(
  vectors: Float32Array,
  { min, max }: ValueRanges,
  isKnown: (row: number) => boolean,
): ClippedValues | undefined {
  const dimensions = min.length;
  const clipped = { values: 0, rows: 0 };
  for (let row = 0; row * dimensions < vectors.length; row += 1) {
    if (isKnown(row)) continue;
    const before = clipped.values;
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      const value = vectors[row * dimensions + dimension]!;
      if (value < min[dimension]! || value > max[dimension]!) clipped.values += 1;
    }
    if (clipped.values > before) clipped.rows += 1;
  }
  return clipped.rows > 0 ? clipped : undefined;
}

/** Returns the sums of two sets of counts, of which undefined stands for none. */
export function addClipped(
  left: ClippedValues | undefined,
  right: ClippedValues | undefined,
): ClippedValues | undefined {
  if (!left || !right) return left ?? right;
  return { values: left.values + right.values, rows: left.rows + right.rows };
}

/** Parses the counts that a file's footer keeps as JSON. Undefined for anything else. */
export function parseClippedValues(text: string): ClippedValues | undefined {
  try {
    const { values, rows } = JSON.parse(text) as ClippedValues;
    const isCount = (count: number) => Number.isSafeInteger(count) && count > 0;
    return isCount(values) && isCount(rows) && rows <= values ? { values, rows } : undefined;
  } catch {
    return undefined;
  }
}
