import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteScale, quantiseColumns } from '../../../../engine/model/onnx/quantise.js';

const number = fc
  .float({ min: -1000, max: 1000, noNaN: true })
  .map((value) => (Math.abs(value) < 1e-20 ? 0 : value));

describe('a range of float32 values as bytes', () => {
  test('holds both of its ends and exactly 0', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [least, most] = [Math.min(a, b), Math.max(a, b)];
        const { scale, zeroPoint } = byteScale([least, most]);
        const read = (byte: number) => scale * (byte - zeroPoint);
        expect(Number.isInteger(zeroPoint)).toBe(true);
        expect(scale).toBeGreaterThan(0);
        expect(read(0)).toBeLessThanOrEqual(Math.min(least, 0) + scale);
        expect(read(255)).toBeGreaterThanOrEqual(Math.max(most, 0) - scale);
        expect(zeroPoint).toBeGreaterThanOrEqual(0);
        expect(zeroPoint).toBeLessThanOrEqual(255);
      }),
    );
  });

  test('of nothing but 0 still has a scale', () => {
    expect(byteScale([0, 0])).toEqual({ scale: 1, zeroPoint: 0 });
    expect(byteScale([0, 1e-44])).toEqual({ scale: 1, zeroPoint: 0 });
  });
});

describe('weights as bytes', () => {
  test('differ by at most half a step of their own column, and the largest weight not at all', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(number, { minLength: 8, maxLength: 64 }),
        (columns, numbers) => {
          const weights = Float32Array.from(numbers.slice(0, numbers.length - (numbers.length % columns)));
          const { bytes, scales } = quantiseColumns(weights, columns);
          for (const [index, weight] of weights.entries()) {
            const scale = scales[index % columns]!;
            expect(Math.abs(bytes[index]! * scale - weight)).toBeLessThanOrEqual(scale * 0.5001);
            expect(Math.abs(bytes[index]!)).toBeLessThanOrEqual(127);
          }
          for (let column = 0; column < columns; column++) {
            const own = bytes.filter((_, index) => index % columns === column);
            const zeros = weights.every((weight, index) => index % columns !== column || weight === 0);
            expect(Math.max(...own.map(Math.abs))).toBe(zeros ? 0 : 127);
          }
        },
      ),
    );
  });
});
