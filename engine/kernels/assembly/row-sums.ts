/**
 * AssemblyScript, compiled by `npm run kernel` into ../row-sums.ts. It adds up rows of a float32
 * table, in float64 and in the given order, so that the sums equal those of a plain loop. The
 * caller lays out the memory (row-adder.ts); addresses are in bytes.
 */

/**
 * The number of columns that are added up side by side: one cache line. Rows are padded with zeros
 * to a multiple of it.
 */
const COLUMNS: i32 = 16;

/**
 * Adds `count` rows to the `stride` sums. Each row is multiplied by its weight, unless `weights` is
 * 0.
 */
export function addRows(
  values: usize,
  stride: i32,
  rows: usize,
  weights: usize,
  count: i32,
  sums: usize,
): void {
  for (let column: i32 = 0; column < stride; column += COLUMNS) {
    const own = sums + ((<usize>column) << 3);
    const first = values + ((<usize>column) << 2);
    if (weights === 0) addColumns(first, (<usize>stride) << 2, rows, count, own);
    else addWeighted(first, (<usize>stride) << 2, rows, weights, count, own);
  }
}

function addColumns(first: usize, rowBytes: usize, rows: usize, count: i32, sums: usize): void {
  let a = v128.load(sums);
  let b = v128.load(sums, 16);
  let c = v128.load(sums, 32);
  let d = v128.load(sums, 48);
  let e = v128.load(sums, 64);
  let f = v128.load(sums, 80);
  let g = v128.load(sums, 96);
  let h = v128.load(sums, 112);
  for (let index = 0; index < count; index += 1) {
    const row = first + <usize>load<u32>(rows + ((<usize>index) << 2)) * rowBytes;
    a = f64x2.add(a, f64x2.promote_low_f32x4(v128.load_zero<u64>(row)));
    b = f64x2.add(b, f64x2.promote_low_f32x4(v128.load_zero<u64>(row, 8)));
    c = f64x2.add(c, f64x2.promote_low_f32x4(v128.load_zero<u64>(row, 16)));
    d = f64x2.add(d, f64x2.promote_low_f32x4(v128.load_zero<u64>(row, 24)));
    e = f64x2.add(e, f64x2.promote_low_f32x4(v128.load_zero<u64>(row, 32)));
    f = f64x2.add(f, f64x2.promote_low_f32x4(v128.load_zero<u64>(row, 40)));
    g = f64x2.add(g, f64x2.promote_low_f32x4(v128.load_zero<u64>(row, 48)));
    h = f64x2.add(h, f64x2.promote_low_f32x4(v128.load_zero<u64>(row, 56)));
  }
  v128.store(sums, a);
  v128.store(sums, b, 16);
  v128.store(sums, c, 32);
  v128.store(sums, d, 48);
  v128.store(sums, e, 64);
  v128.store(sums, f, 80);
  v128.store(sums, g, 96);
  v128.store(sums, h, 112);
}

function addWeighted(
  first: usize,
  rowBytes: usize,
  rows: usize,
  weights: usize,
  count: i32,
  sums: usize,
): void {
  for (let index = 0; index < count; index += 1) {
    const row = first + <usize>load<u32>(rows + ((<usize>index) << 2)) * rowBytes;
    const weight = f64x2.splat(load<f64>(weights + ((<usize>index) << 3)));
    for (let pair: usize = 0; pair < <usize>COLUMNS / 2; pair += 1) {
      const numbers = f64x2.promote_low_f32x4(v128.load_zero<u64>(row + (pair << 3)));
      const at = sums + (pair << 4);
      v128.store(at, f64x2.add(v128.load(at), f64x2.mul(weight, numbers)));
    }
  }
}
