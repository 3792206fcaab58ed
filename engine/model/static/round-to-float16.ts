/** Below this, float16 numbers are multiples of 2^-24. */
const SMALLEST_NORMAL = 2 ** -14;
/** Adding this to a smaller float32 number and subtracting it again leaves a multiple of 2^-24. */
const SUBNORMAL_ROUNDING = 0.75;
/** Numbers from here on are rounded to infinity. */
const OVERFLOW = 65_520;

/** Rounds float32 numbers in place to the nearest IEEE 754 binary16, ties to even. */
export function roundToFloat16(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const size = Math.abs(value);
    if (size < SMALLEST_NORMAL) values[i] = Math.fround(value + SUBNORMAL_ROUNDING) - SUBNORMAL_ROUNDING;
    else if (size >= OVERFLOW) values[i] = value > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    else if (size < OVERFLOW) {
      const word = bits[i]!;
      bits[i] = (word + 0xfff + ((word >>> 13) & 1)) & 0xffffe000;
    }
  }
}
