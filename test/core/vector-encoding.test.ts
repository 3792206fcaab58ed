import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../core/scalar-quantisation.js';
import { mergeRanges, rangesOf } from '../../core/value-ranges.js';
import { decodeVectors, encodeVectors } from '../../core/vector-encoding.js';
import { largestValue, storedWidth, VECTOR_PRECISIONS } from '../../core/vector-precision.js';

const ordinary = fc.oneof(
  fc.float({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(0, -0, 1, 0.25),
  fc.float({ min: -1000, max: 1000, noNaN: true }),
);

function matrix(rows: fc.Arbitrary<number>, value: fc.Arbitrary<number> = ordinary) {
  return fc.record({ rows, dimensions: fc.integer({ min: 1, max: 20 }) }).chain(({ rows, dimensions }) => {
    const length = rows * dimensions;
    return fc.record({
      dimensions: fc.constant(dimensions),
      vectors: fc
        .array(value, { minLength: length, maxLength: length })
        .map((values) => Float32Array.from(values)),
    });
  });
}

const someRows = fc.integer({ min: 1, max: 12 });

describe('the ranges of rows', () => {
  it('are the least and greatest value of each dimension', () => {
    expect(rangesOf(Float32Array.of(1, -5, 0, -2, 3, -4), 3)).toEqual({ min: [-2, -5, -4], max: [1, 3, 0] });
    expect(rangesOf(new Float32Array(), 3)).toBeUndefined();
  });

  it('of rows cut anywhere and merged in any grouping are the ranges of all rows', () => {
    fc.assert(
      fc.property(matrix(someRows), fc.nat(), fc.nat(), ({ vectors, dimensions }, a, b) => {
        const rows = vectors.length / dimensions;
        const [first, second] = [a % (rows + 1), b % (rows + 1)].sort((left, right) => left - right);
        const pieces = [
          vectors.subarray(0, first! * dimensions),
          vectors.subarray(first! * dimensions, second! * dimensions),
          vectors.subarray(second! * dimensions),
        ].map((piece) => rangesOf(piece, dimensions));
        const whole = rangesOf(vectors, dimensions);
        expect(mergeRanges(mergeRanges(pieces[0], pieces[1]), pieces[2])).toEqual(whole);
        expect(mergeRanges(pieces[0], mergeRanges(pieces[1], pieces[2]))).toEqual(whole);
        expect(mergeRanges(pieces[2], mergeRanges(pieces[1], pieces[0]))).toEqual(whole);
      }),
    );
  });

  it('survive JSON exactly', () => {
    const anyFinite = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(matrix(someRows, anyFinite), ({ vectors, dimensions }) => {
        const ranges = rangesOf(vectors, dimensions);
        expect(JSON.parse(JSON.stringify(ranges))).toEqual(ranges);
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuse %s', (value) => {
    expect(() => rangesOf(Float32Array.of(1, 2, value, 4), 2)).toThrow(RangeError);
  });

  it('of unequal dimensions are not merged', () => {
    const [two, three] = [2, 3].map((dimensions) => rangesOf(new Float32Array(dimensions), dimensions));
    expect(() => mergeRanges(two, three)).toThrow(RangeError);
  });
});

describe.each(['int8', 'uint8'] as const)('%s', (precision) => {
  it('reads every value back less than a step below it, and its least value exactly', () => {
    fc.assert(
      fc.property(matrix(someRows), ({ vectors, dimensions }) => {
        const ranges = rangesOf(vectors, dimensions)!;
        const encoding = { precision, ranges };
        const decoded = decodeVectors(encodeVectors(vectors, dimensions, encoding), dimensions, encoding);
        const steps = stepsOf(ranges);
        for (const [index, value] of vectors.entries()) {
          const dimension = index % dimensions;
          const rounding =
            1e-5 * Math.max(Math.abs(ranges.min[dimension]!), Math.abs(ranges.max[dimension]!));
          expect(decoded[index]! - value).toBeLessThanOrEqual(rounding);
          expect(value - decoded[index]!).toBeLessThanOrEqual(steps[dimension]! + rounding);
          if (value === ranges.min[dimension]) expect(decoded[index]! + 0).toBe(value + 0);
        }
      }),
    );
  });

  it('stores a dimension in which all values are equal as its least code, and reads it back exactly', () => {
    const vectors = Float32Array.of(0.3, 1, 0.3, 256);
    const encoding = { precision, ranges: rangesOf(vectors, 2)! };
    const stored = encodeVectors(vectors, 2, encoding);
    const least = precision === 'int8' ? -128 : 0;
    expect([...stored]).toEqual([least, least, least, least + 255]);
    const decoded = decodeVectors(stored, 2, encoding);
    expect([decoded[0], decoded[2]]).toEqual([vectors[0], vectors[2]]);
  });

  it('cuts values beyond the ranges off', () => {
    const ranges = { min: [0], max: [255] };
    const stored = encodeVectors(Float32Array.of(-1, 0, 0.99, 1, 254.5, 255, 256, 9e9), 1, {
      precision,
      ranges,
    });
    const offset = precision === 'int8' ? -128 : 0;
    expect([...stored].map((value) => value - offset)).toEqual([0, 0, 0, 1, 254, 255, 255, 255]);
  });

  it('needs ranges of as many dimensions, unless there are no rows', () => {
    const ranges = { min: [0, 0], max: [1, 1] };
    expect(() => encodeVectors(Float32Array.of(1), 1, { precision })).toThrow(RangeError);
    expect(() => encodeVectors(Float32Array.of(1), 1, { precision, ranges })).toThrow(RangeError);
    expect(encodeVectors(new Float32Array(), 1, { precision })).toHaveLength(0);
  });
});

describe('binary', () => {
  it('is ubinary minus 128, and both keep the sign of every value', () => {
    fc.assert(
      fc.property(matrix(someRows), ({ vectors, dimensions }) => {
        const unsigned = encodeVectors(vectors, dimensions, { precision: 'ubinary' });
        const signed = encodeVectors(vectors, dimensions, { precision: 'binary' });
        expect([...signed]).toEqual([...unsigned].map((byte) => byte - 128));
        expect(unsigned).toHaveLength((vectors.length / dimensions) * storedWidth('binary', dimensions));
        const signs = vectors.map((value) => (value > 0 ? 1 : -1));
        expect(decodeVectors(unsigned, dimensions, { precision: 'ubinary' })).toEqual(signs);
        expect(decodeVectors(signed, dimensions, { precision: 'binary' })).toEqual(signs);
      }),
    );
  });

  it('has the first dimension in the highest bit and fills up with 0', () => {
    const vectors = Float32Array.of(1, -1, 0, 1, 1, 1, 1, 1, 5, -5, ...new Float32Array(10).fill(1));
    expect([...encodeVectors(vectors, 10, { precision: 'ubinary' })]).toEqual([
      0b10011111, 0b10000000, 0b11111111, 0b11000000,
    ]);
  });
});

describe('every precision', () => {
  it('stores no rows as no rows', () => {
    for (const precision of VECTOR_PRECISIONS) {
      const stored = encodeVectors(new Float32Array(), 5, { precision });
      expect(decodeVectors(stored, 5, { precision })).toEqual(new Float32Array());
    }
  });

  it('refuses numbers of another type than it stores', () => {
    for (const precision of VECTOR_PRECISIONS) {
      const values = precision === 'float16' ? new Float32Array(8) : new Uint16Array(8);
      expect(() => decodeVectors(values, 8, { precision })).toThrow(RangeError);
    }
  });

  it('holds its largest value without overflow', () => {
    for (const precision of VECTOR_PRECISIONS) {
      const largest = largestValue(precision);
      const vectors = Float32Array.of(largest, -largest);
      const encoding = { precision, ranges: rangesOf(vectors, 1) };
      const decoded = decodeVectors(encodeVectors(vectors, 1, encoding), 1, encoding);
      expect(decoded.every(Number.isFinite), precision).toBe(true);
    }
  });
});
