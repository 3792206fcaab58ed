import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../../core/float16.js';

/**
 * Every finite value of binary16 that is not negative, in order. The index of a value is its bits.
 */
const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => slowValue(bits));

/**
 * Returns the value as IEEE 754 defines it: (−1)^sign × 2^(exponent − 15) × 1.fraction, or 2^−14 ×
 * 0.fraction.
 */
function slowValue(bits: number): number {
  const exponent = Math.floor(bits / 1024);
  const fraction = (bits % 1024) / 1024;
  return exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction);
}

/**
 * Returns the nearest of all values, found by comparing with each. If two values are equally near,
 * it is the one with even bits.
 */
function slowBits(value: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65_520) return sign | 0x7c00;
  const above = FINITE.findIndex((candidate) => candidate >= magnitude);
  if (above === -1) return sign | 0x7bff;
  if (above === 0) return sign;
  const [low, high] = [magnitude - FINITE[above - 1]!, FINITE[above]! - magnitude];
  const bits = low < high || (low === high && above % 2 === 1) ? above - 1 : above;
  return sign | bits;
}

const bitsOf = (...values: number[]) => [...toFloat16(Float32Array.from(values))];

describe('float16', () => {
  it('holds each of its own values as its own bits, and gives each back', () => {
    const halves = Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits);
    expect(fromFloat16(halves)).toEqual(Float32Array.from(FINITE));
    expect(toFloat16(Float32Array.from(FINITE))).toEqual(halves);
    const negative = halves.map((bits) => bits | 0x8000);
    expect(toFloat16(fromFloat16(negative))).toEqual(negative);
  });

  it('is the nearest value to any float32 within its range', () => {
    const inReach = fc.oneof(
      fc.float({ min: -66_000, max: 66_000, noNaN: true }),
      fc.float({ min: Math.fround(-0.0001), max: Math.fround(0.0001), noNaN: true }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(inReach, (value) => {
        expect(bitsOf(value)).toEqual([slowBits(value)]);
      }),
    );
  });

  it('rounds a tie to even, and what lies just beside a tie to the nearer neighbour', () => {
    const inOrder = fc.integer({ min: 0, max: 0x7bfe });
    fc.assert(
      fc.property(inOrder, fc.integer({ min: -1, max: 1 }), (bits, aside) => {
        // The middle between two neighbours is a float32, and so are the two values next to it.
        const half = Float32Array.of((FINITE[bits]! + FINITE[bits + 1]!) / 2);
        new Int32Array(half.buffer)[0]! += aside;
        const up = aside === 0 ? bits % 2 : (aside + 1) / 2;
        expect([...toFloat16(half)]).toEqual([bits + up]);
      }),
    );
  });

  it('turns what is too large into infinity, and keeps infinities, zeros with their sign, and NaN', () => {
    const largest = Math.fround(65_519.996);
    expect(bitsOf(largest, 65_520, -65_520, 3e38)).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00]);
    expect(bitsOf(0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)).toEqual([
      0, 0x8000, 0x7c00, 0xfc00,
    ]);
    expect(bitsOf(Number.NaN)).toEqual([0x7e00]);
    expect([...fromFloat16(Uint16Array.of(0x7c00, 0xfc00, 0x7e00))]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it('is read from where a view begins', () => {
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    expect([...toFloat16(view)]).toEqual([0x3c00, 0x4000]);
  });
});
