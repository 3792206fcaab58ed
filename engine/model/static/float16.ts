/** Below it, float16 numbers lie 2^-24 apart. */
const SMALLEST_NORMAL = 2 ** -14;
/** Added to a smaller float32 number and taken away again, it leaves a multiple of 2^-24. */
const SUBNORMAL_ROUNDING = 0.75;
/** From here on numbers round to infinity. */
const OVERFLOW = 65_520;

/** Rounds float32 numbers in place to the nearest of IEEE 754 binary16, ties to even. */
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
