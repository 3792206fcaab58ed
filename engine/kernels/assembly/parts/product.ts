/** Dot products of rows of i8 that are padded with zeros. Every address is in bytes. */

/** The number of bytes that one access fetches from memory. */
const CACHE_LINE: usize = 64;
/** Rows are padded with zeros to a multiple of this, in bytes. */
const STEP: usize = 32;

/** Returns the product of a row of `bytes` and as many i16 numbers. */
export function productWithWide(row: usize, numbers: usize, bytes: usize): i32 {
  const end = row + bytes;
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  while (row < end) {
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(row), v128.load(numbers)));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 8), v128.load(numbers, 16)));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 16), v128.load(numbers, 32)));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 24), v128.load(numbers, 48)));
    row += STEP;
    numbers += 2 * STEP;
  }
  return lanes(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
}

/**
 * Returns the products of two rows with the same i16 numbers, which are read once. The first row's
 * product is in the lower half.
 */
export function productsWithWide(row: usize, other: usize, numbers: usize, bytes: usize): i64 {
  const end = row + bytes;
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  while (row < end) {
    const first = v128.load(numbers);
    const second = v128.load(numbers, 16);
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(row), first));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 8), second));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(other), first));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(other, 8), second));
    const third = v128.load(numbers, 32);
    const fourth = v128.load(numbers, 48);
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 16), third));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 24), fourth));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(other, 16), third));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(other, 24), fourth));
    row += STEP;
    other += STEP;
    numbers += 2 * STEP;
  }
  const upper = <i64>lanes(i32x4.add(c, d));
  return (upper << 32) | <i64>(<u32>lanes(i32x4.add(a, b)));
}

/** Returns the product of two rows. */
export function product(row: usize, other: usize, bytes: usize): i32 {
  const end = row + bytes;
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  while (row < end) {
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(row), v128.load_ext<i8>(other)));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 8), v128.load_ext<i8>(other, 8)));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 16), v128.load_ext<i8>(other, 16)));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 24), v128.load_ext<i8>(other, 24)));
    row += STEP;
    other += STEP;
  }
  return lanes(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
}

/** Writes the numbers of a row of i8 as i16. */
export function widen(row: usize, bytes: usize, numbers: usize): void {
  const end = row + bytes;
  while (row < end) {
    v128.store(numbers, v128.load_ext<i8>(row));
    v128.store(numbers, v128.load_ext<i8>(row, 8), 16);
    v128.store(numbers, v128.load_ext<i8>(row, 16), 32);
    v128.store(numbers, v128.load_ext<i8>(row, 24), 48);
    row += STEP;
    numbers += 2 * STEP;
  }
}

/**
 * Fetches every cache line of a row. The result must be used, or a compiler leaves the loads out.
 */
export function touch(row: usize, bytes: usize): i32 {
  let touched = 0;
  for (let at: usize = 0; at < bytes; at += CACHE_LINE) touched |= load<i32>(row + at);
  return touched;
}

function lanes(sum: v128): i32 {
  const upper = i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + upper;
}
