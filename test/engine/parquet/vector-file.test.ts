import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readVectorFile, writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { anyText, vectorRows } from './sample-rows.js';

const anyVectorRows = fc
  .record({ count: fc.nat({ max: 12 }), dimensions: fc.integer({ min: 1, max: 20 }) })
  .chain(({ count, dimensions }) => {
    const exactly = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: count, maxLength: count });
    const elements = count * dimensions;
    return fc.record({
      rowKeys: exactly(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((keys) => BigUint64Array.from(keys)),
      chunkIds: exactly(anyText),
      docIds: exactly(anyText),
      textSha256: exactly(anyText),
      vectors: fc.float32Array({ minLength: elements, maxLength: elements }),
      dimensions: fc.constant(dimensions),
      encoding: fc.constant({ precision: 'float32' as const }),
    });
  });

test('any vector rows come back bit for bit, NaN, infinities and negative zero included', () => {
  fc.assert(
    fc.property(anyVectorRows, (rows) => {
      const { footer, vectors, ...others } = readVectorFile(writeVectorFile(rows, {}), 'vectors');
      const { vectors: written, ...expected } = rows;
      expect(others).toEqual(expected);
      expect(bits(vectors)).toEqual(bits(written));
      expect(footer).toEqual({
        format: 'vectors/1',
        precision: 'float32',
        dimensions: String(rows.dimensions),
      });
    }),
  );
});

test('a file without rows keeps its dimensions', () => {
  const read = readVectorFile(writeVectorFile(vectorRows(0, 384), { fingerprint: 'abc' }), 'vectors');
  expect(read).toEqual({
    ...vectorRows(0, 384),
    footer: { format: 'vectors/1', fingerprint: 'abc', precision: 'float32', dimensions: '384' },
  });
});

test('vectors that are a view into a larger array are written from where the view begins', () => {
  const rows = vectorRows(5, 4);
  const larger = new Float32Array(3 + rows.vectors.length + 7).fill(99);
  larger.set(rows.vectors, 3);
  const view = larger.subarray(3, 3 + rows.vectors.length);
  const read = readVectorFile(writeVectorFile({ ...rows, vectors: view }, {}), 'vectors');
  expect(read.vectors).toEqual(rows.vectors);
});

test('rows across several row groups are read as one array', () => {
  const rows = vectorRows(40_000, 3);
  const read = readVectorFile(writeVectorFile(rows, {}), 'vectors');
  expect(read.rowKeys).toEqual(rows.rowKeys);
  expect(Buffer.compare(bits(read.vectors), bits(rows.vectors))).toBe(0);
});

test('columns of different lengths are refused', () => {
  const rows = vectorRows(5, 4);
  expect(() => writeVectorFile({ ...rows, docIds: ['only one'] }, {})).toThrow(RangeError);
  expect(() => writeVectorFile({ ...rows, vectors: new Float32Array(19) }, {})).toThrow(RangeError);
});

test('more data than one file may hold is refused before it is copied', () => {
  const dimensions = 140_000_000;
  const rows = { ...vectorRows(1, 1), vectors: new Float32Array(dimensions), dimensions };
  expect(() => writeVectorFile(rows, {})).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});

function bits(vectors: Float32Array): Buffer {
  return Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
}
