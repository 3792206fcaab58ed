import { fromFloat16, toFloat16 } from './float16.js';
import { dequantise, quantise } from './scalar-quantisation.js';
import type { ValueRanges } from './value-ranges.js';
import type { VectorEncoding } from './vector-precision.js';

/** Stored numbers, row-major `[rows, storedWidth]`. A float16 number is stored as its bits. */
export type StoredValues = Float32Array | Uint16Array | Int8Array | Uint8Array;

/** Switching this bit adds or removes the offset of 128 between `ubinary` and `binary`. */
const HIGH_BIT = 0x80;

/**
 * Returns row-major `[rows, dimensions]` vectors as they are stored. Values must be finite and at
 * most `largestValue`. The results for int8, uint8, binary and ubinary are bit for bit those of
 * sentence-transformers' `quantize_embeddings` with these ranges.
 */
export function encodeVectors(
  vectors: Float32Array,
  dimensions: number,
  { precision, ranges }: VectorEncoding,
): StoredValues {
  if (vectors.length % dimensions !== 0)
    throw new RangeError(`${vectors.length} values for rows of ${dimensions}`);
  switch (precision) {
    case 'float32':
      return vectors;
    case 'float16':
      return toFloat16(vectors);
    case 'int8':
    case 'uint8':
      return quantise(vectors, rangesFor(vectors, dimensions, ranges), precision);
    case 'binary':
      return asInt8(packSigns(vectors, dimensions).map((byte) => byte ^ HIGH_BIT));
    case 'ubinary':
      return packSigns(vectors, dimensions);
  }
}

/**
 * Returns stored numbers as `[rows, dimensions]` vectors with which a float32 query is compared:
 * float16 exactly, int8 and uint8 as the lower edge of their step, and a bit as 1 or −1. RangeError
 * for numbers of another type than the precision has.
 */
export function decodeVectors(
  values: StoredValues,
  dimensions: number,
  { precision, ranges }: VectorEncoding,
): Float32Array {
  if (precision === 'float32' && values instanceof Float32Array) return values;
  if (precision === 'float16' && values instanceof Uint16Array) return fromFloat16(values);
  if (precision === 'ubinary' && values instanceof Uint8Array) return unpackSigns(values, dimensions);
  if (precision === 'binary' && values instanceof Int8Array)
    return unpackSigns(
      asUint8(values).map((byte) => byte ^ HIGH_BIT),
      dimensions,
    );
  if (
    (precision === 'int8' && values instanceof Int8Array) ||
    (precision === 'uint8' && values instanceof Uint8Array)
  )
    return dequantise(values, rangesFor(values, dimensions, ranges));
  throw new RangeError(`${values.constructor.name} for ${precision}`);
}

/**
 * Returns the ranges that are needed. Where there are no rows, there are no ranges, and none are
 * needed.
 */
function rangesFor(values: StoredValues, dimensions: number, ranges: ValueRanges | undefined): ValueRanges {
  if (values.length === 0) return { min: [], max: [] };
  if (ranges?.min.length === dimensions && ranges.max.length === dimensions) return ranges;
  throw new RangeError(`ranges of ${ranges?.min.length ?? 'no'} dimensions, not ${dimensions}`);
}

function asInt8(bytes: Uint8Array): Int8Array {
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function asUint8(values: Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.length);
}

/**
 * Stores each dimension as one bit, which is set where the value is above 0: `[rows, dimensions]`
 * becomes `[rows, ceil(dimensions / 8)]`. The first dimension is the highest bit of the first byte,
 * and the last byte is filled up with 0, as in NumPy's `packbits`.
 */
function packSigns(vectors: Float32Array, dimensions: number): Uint8Array {
  const width = Math.ceil(dimensions / 8);
  const rows = vectors.length / dimensions;
  const bytes = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      if (vectors[row * dimensions + dimension]! > 0)
        bytes[row * width + (dimension >> 3)]! |= 0x80 >> (dimension & 7);
    }
  }
  return bytes;
}

/**
 * Reads what `packSigns` stored, as `[rows, dimensions]`: 1 where a bit is set and −1 where it is
 * not.
 */
function unpackSigns(bytes: Uint8Array, dimensions: number): Float32Array {
  const width = Math.ceil(dimensions / 8);
  const rows = bytes.length / width;
  const vectors = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row += 1) {
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      const isSet = (bytes[row * width + (dimension >> 3)]! & (0x80 >> (dimension & 7))) !== 0;
      vectors[row * dimensions + dimension] = isSet ? 1 : -1;
    }
  }
  return vectors;
}
