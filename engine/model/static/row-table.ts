import { modelInvalid } from '../model-errors.js';
import { RowAdder } from './row-adder.js';

/** Vectors by row, and the row of each token. */
export interface RowTable {
  dimensions: number;
  rows: RowAdder;
  /** The row of each token; absent where a token's id is its row. */
  rowOfToken?: Uint32Array;
  /** The factor of each token's row; absent where all factors are 1. */
  weights?: Float64Array;
}

/**
 * Makes space for `rows` rows of the model in `file`, all 0. Errors: MODEL_INVALID where they need
 * more than 4 GiB.
 */
export function newRows(file: string, rows: number, dimensions: number): RowAdder {
  const adder = RowAdder.of(rows, dimensions);
  if (adder) return adder;
  throw modelInvalid(file, `its ${rows} rows of ${dimensions} numbers take more than 4 GiB in memory`);
}

/**
 * Returns the first `dimensions` columns of row-major `[rows, columns]`. Errors: those of
 * `newRows`.
 */
export function tableOf(
  file: string,
  matrix: ArrayLike<number> & { subarray(start: number, end: number): ArrayLike<number> },
  columns: number,
  dimensions: number,
): RowTable {
  const count = matrix.length / columns;
  const rows = newRows(file, count, dimensions);
  for (let row = 0; row < count; row++)
    rows.values.set(matrix.subarray(row * columns, row * columns + dimensions), row * rows.stride);
  return { dimensions, rows };
}

/**
 * Returns the sums of the rows of `tokens`, each multiplied by its weight. The next call overwrites
 * them.
 */
export function sumRows({ rows, rowOfToken, weights }: RowTable, tokens: Uint32Array): Float64Array {
  const rowOf = rowOfToken
    ? (index: number) => rowOfToken[tokens[index]!]!
    : (index: number) => tokens[index]!;
  return rows.sum(tokens.length, rowOf, weights && ((index) => weights[tokens[index]!]!));
}
