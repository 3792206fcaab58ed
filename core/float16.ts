/** The bits of the binary32 value 65,520. Values from here on round to infinity. */
const OVERFLOW_BITS = 0x477ff000;
/** The bits of the binary32 value 2⁻¹⁴, the smallest value whose binary16 is not subnormal. */
const SMALLEST_NORMAL_BITS = 0x38800000;
const INFINITY_BITS = 0x7f800000;
/**
 * The difference between the exponent biases of the two formats, 127 − 15, at the place where
 * binary32 has its exponent.
 */
const REBIAS = 112 << 23;
/** The number of fraction bits that binary16 lacks compared with binary32. */
const DROPPED_BITS = 13;

/**
 * Converts IEEE 754 binary32 to the bits of binary16, rounded to the nearest with ties to even. A
 * value that is too large becomes infinity, one that is too small becomes a subnormal or zero, and
 * any NaN becomes a quiet one.
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const sign = (bits[index]! >>> 16) & 0x8000;
    halves[index] = sign | magnitudeOf(bits[index]! & 0x7fffffff, Math.abs(values[index]!));
  }
  return halves;
}

/** Converts IEEE 754 binary16 to binary32, which is exact. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const wide = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index]!;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) wide[index] = sign * fraction * 2 ** -24;
    else if (exponent === 31) wide[index] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else wide[index] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return wide;
}

function magnitudeOf(bits: number, magnitude: number): number {
  if (bits > INFINITY_BITS) return 0x7e00;
  if (bits >= OVERFLOW_BITS) return 0x7c00;
  if (bits < SMALLEST_NORMAL_BITS) return roundHalfToEven(magnitude * 2 ** 24);
  const lastKeptBit = (bits >>> DROPPED_BITS) & 1;
  // Adds just under half of what is dropped, and one more where a tie must be rounded up. A carry
  // moves into the exponent.
  const rounded = bits + 0xfff + lastKeptBit;
  return (rounded - REBIAS) >>> DROPPED_BITS;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
