/** Columns added up side by side: as many sums as fit into a processor's registers. */
const COLUMNS_AT_ONCE = 8;

/** Vectors by row, and how tokens find theirs. */
export interface RowTable {
  /** Row-major `[rows, stride]`; columns from `dimensions` on are 0. */
  values: Float32Array;
  /** Numbers from one row to the next: `dimensions` rounded up by `strideOf`. */
  stride: number;
  dimensions: number;
  /** The row of each token; absent where a token's id is its row. */
  rowOfToken?: Uint32Array;
  /** The factor of each token's row; absent where all are 1. */
  weights?: Float64Array;
}

/** The smallest stride for rows of so many columns. */
export function strideOf(dimensions: number): number {
  return Math.ceil(dimensions / COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE;
}

/** Row-major `[rows, columns]` as a table of the first `dimensions` columns. */
export function tableOf(matrix: Float32Array, columns: number, dimensions: number): RowTable {
  const stride = strideOf(dimensions);
  if (stride === columns && dimensions === columns) return { values: matrix, stride, dimensions };
  const rows = matrix.length / columns;
  const values = new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++)
    values.set(matrix.subarray(row * columns, row * columns + dimensions), row * stride);
  return { values, stride, dimensions };
}

/** Adds up the rows of `tokens`, each times its weight, into `sums`, which has `stride` numbers. */
export function sumRows(table: RowTable, tokens: Uint32Array, sums: Float64Array): void {
  if (table.weights) sumWeighted(table, table.weights, tokens, sums);
  else sumPlain(table, tokens, sums);
}

function sumPlain({ values, stride, rowOfToken }: RowTable, tokens: Uint32Array, sums: Float64Array): void {
  const rows = rowOfToken ? tokens.map((token) => rowOfToken[token]!) : tokens;
  for (let column = 0; column < stride; column += COLUMNS_AT_ONCE) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let e = 0;
    let f = 0;
    let g = 0;
    let h = 0;
    for (let i = 0; i < rows.length; i++) {
      const at = rows[i]! * stride + column;
      a += values[at]!;
      b += values[at + 1]!;
      c += values[at + 2]!;
      d += values[at + 3]!;
      e += values[at + 4]!;
      f += values[at + 5]!;
      g += values[at + 6]!;
      h += values[at + 7]!;
    }
    sums[column] = a;
    sums[column + 1] = b;
    sums[column + 2] = c;
    sums[column + 3] = d;
    sums[column + 4] = e;
    sums[column + 5] = f;
    sums[column + 6] = g;
    sums[column + 7] = h;
  }
}

function sumWeighted(
  { values, stride, rowOfToken }: RowTable,
  weights: Float64Array,
  tokens: Uint32Array,
  sums: Float64Array,
): void {
  sums.fill(0);
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const weight = weights[token]!;
    const at = (rowOfToken ? rowOfToken[token]! : token) * stride;
    for (let column = 0; column < stride; column++) sums[column]! += weight * values[at + column]!;
  }
}
