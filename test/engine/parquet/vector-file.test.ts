import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rangesOf } from '../../../core/value-ranges.js';
import { decodeVectors, encodeVectors } from '../../../core/vector-encoding.js';
import {
  needsRanges,
  storedWidth,
  VECTOR_PRECISIONS,
  type VectorEncoding,
  type VectorPrecision,
} from '../../../core/vector-precision.js';
import { type Column, uint64Column, utf8Column, vectorColumn } from '../../../engine/parquet/columns.js';
import { writeParquetFile } from '../../../engine/parquet/parquet-file.js';
import { storedVectorColumn } from '../../../engine/parquet/stored-vectors.js';
import { readVectorFile, type VectorRows, writeVectorFile } from '../../../engine/parquet/vector-file.js';
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

test('any vector rows are read back bit for bit, including NaN, infinities and negative zero', () => {
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

describe.each(VECTOR_PRECISIONS)('a file of %s', (precision) => {
  const dimensions = 20;
  const rows = {
    ...vectorRows(300, dimensions),
    encoding: encodingOf(vectorRows(300, dimensions), precision),
  };
  const bytes = writeVectorFile(rows, {});

  test('gives back the values that its numbers stand for, with all that is needed to read the file alone', () => {
    const read = readVectorFile(bytes, 'vectors');
    const stored = encodeVectors(rows.vectors, dimensions, rows.encoding);
    expect(read.vectors).toEqual(decodeVectors(stored, dimensions, rows.encoding));
    expect(read.encoding).toEqual(rows.encoding);
    expect(read.dimensions).toBe(dimensions);
    expect(read.rowKeys).toEqual(rows.rowKeys);
  });

  test('has the same bytes each time it is written', () => {
    expect(Buffer.compare(writeVectorFile(rows, {}), bytes)).toBe(0);
  });

  test('without rows keeps its dimensions', () => {
    const none = { ...vectorRows(0, dimensions), encoding: { precision } };
    const { footer: _, ...read } = readVectorFile(writeVectorFile(none, {}), 'vectors');
    expect(read).toEqual(none);
  });

  test.each([...VECTOR_PRECISIONS, 'int4'].filter((other) => other !== precision))(
    'whose footer says %s is FILE_DAMAGED',
    (other) => {
      expect(() => readVectorFile(fileWith(rows, { precision: other }), 'vectors')).toThrow(
        expect.objectContaining({ code: 'FILE_DAMAGED', file: 'vectors' }),
      );
    },
  );
});

test.each(['int8', 'uint8', 'binary', 'ubinary'] as const)(
  'a file of %s uses one byte for each stored number',
  (precision) => {
    const [count, dimensions] = [2_000, 384];
    const rows = vectorRows(count, dimensions);
    // Noise, which no compression makes smaller.
    let state = 1;
    rows.vectors.forEach((_, index) => {
      state = (state * 48_271) % 2_147_483_647;
      rows.vectors[index] = state / 2_147_483_647 - 0.5;
    });
    const stored = { ...rows, encoding: encodingOf(rows, precision) };
    const small = writeVectorFile(stored, {}).length;
    const beside = writeVectorFile(
      { ...stored, vectors: new Float32Array(rows.vectors.length).fill(0.25) },
      {},
    ).length;
    const numbers = count * storedWidth(precision, dimensions);
    expect((small - beside) / numbers).toBeLessThan(1.1);
  },
);

function encodingOf({ vectors, dimensions }: VectorRows, precision: VectorPrecision): VectorEncoding {
  return needsRanges(precision) ? { precision, ranges: rangesOf(vectors, dimensions) } : { precision };
}

test.each([
  ['no JSON', '{'],
  ['one list', '{"min":[0]}'],
  ['a null', '{"min":[null],"max":[1]}'],
  ['other dimensions', '{"min":[0,0],"max":[1,1]}'],
])('ranges in a footer that are %s are FILE_DAMAGED', (_, ranges) => {
  const rows = vectorRows(3, 1);
  const bytes = fileWith({ ...rows, encoding: encodingOf(rows, 'int8') }, { ranges });
  expect(() => readVectorFile(bytes, 'vectors')).toThrow(
    expect.objectContaining({ code: 'FILE_DAMAGED', file: 'vectors' }),
  );
});

test('a file of a release that stored only float32, and did not say so, can be read', () => {
  const rows = vectorRows(3, 4);
  const bytes = writeParquetFile(columnsOf(rows, vectorColumn('vector', rows.vectors, 4)), {
    format: 'vectors/1',
    footer: {},
    keyColumns: [],
  });
  expect(readVectorFile(bytes, 'vectors')).toEqual({ ...rows, footer: { format: 'vectors/1' } });
});

/** Returns a vector file whose footer is changed in places. */
function fileWith(rows: VectorRows, changes: Record<string, string>): Uint8Array {
  const { column, footer } = storedVectorColumn('vector', rows);
  const options = { format: 'vectors/1', footer: { ...footer, ...changes }, keyColumns: [] };
  return writeParquetFile(columnsOf(rows, column), options);
}

function columnsOf(rows: VectorRows, vector: Column): Column[] {
  return [
    uint64Column('row_key', rows.rowKeys),
    utf8Column('chunk_id', rows.chunkIds),
    utf8Column('doc_id', rows.docIds),
    utf8Column('text_sha256', rows.textSha256),
    vector,
  ];
}

function bits(vectors: Float32Array): Buffer {
  return Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
}
