import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rangesOf, type ValueRanges } from '../../../core/value-ranges.js';
import { decodeVectors, encodeVectors } from '../../../core/vector-encoding.js';
import { needsRanges, storedWidth, type VectorPrecision } from '../../../core/vector-precision.js';
import { writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { writePlanFile } from '../../../engine/parquet/plan-file.js';
import { writeRejectFile } from '../../../engine/parquet/reject-file.js';
import { type TextVectors, writeTextVectorFile } from '../../../engine/parquet/text-vector-file.js';
import { type VectorRows, writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { sampleChunkRows, vectorRows } from './sample-rows.js';

const cache =
  process.env.VECTORMILL_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vectormill');
const python = join(cache, 'venv-interop', 'bin', 'python');
const script = fileURLToPath(new URL('read_parquet.py', import.meta.url));

interface Seen {
  types: Record<string, string>;
  columns: Record<string, unknown[]>;
}
interface Report {
  pyarrow: Seen & { nullable: string[]; metadata: Record<string, string> };
  duckdb: Seen & { cast?: string };
  pandas: Seen & { elements?: string };
  polars?: Seen;
}

const float32 = { precision: 'float32' as const };
const rows = sampleChunkRows(17_000);
const vectors = vectorRows(300, 384);
vectors.rowKeys[299] = 2n ** 64n - 1n;
const encodingOf = (
  precision: VectorPrecision,
  { vectors: values, dimensions }: TextVectors | VectorRows,
) => ({
  precision,
  ranges: needsRanges(precision) ? rangesOf(values, dimensions) : undefined,
});
const stored = (precision: VectorPrecision) => ({ ...vectors, encoding: encodingOf(precision, vectors) });
const encoded = {
  ids: ['a', '汉'],
  vectors: Float32Array.of(1, 0.5, -2, 4),
  dimensions: 2,
  encoding: float32,
};
const large = 5_000_000_000_000;
const slice = { uri: 's3://b/k', etag: '"e"', objectBytes: large, start: 0, end: large, bytes: large };
const plan = [{ shard: 4_294_967_295, slices: [{ ...slice, estimatedRows: 7 }] }];
const position = { uri: 's3://b/k', unit: 'row' as const, at: 9 };
const rejects = [
  { code: 'EMPTY_TEXT' as const, reason: 'no text', position, ordinal: 9, id: 'd9' },
  { code: 'BAD_JSON' as const, reason: 'no JSON', position, ordinal: 10 },
];

const files = {
  chunks: () => writeChunkFile(rows, { fingerprint: 'abc', shard: '3' }),
  vectors: () => writeVectorFile(vectors, { fingerprint: 'abc' }),
  noChunks: () => writeChunkFile([], {}),
  noVectors: () => writeVectorFile(vectorRows(0, 384), {}),
  plan: () => writePlanFile(plan, {}),
  rejects: () => writeRejectFile(rejects, {}),
  encoded: () => writeTextVectorFile(encoded, {}),
  float16: () => writeVectorFile(stored('float16'), {}),
  int8: () => writeVectorFile(stored('int8'), {}),
  uint8: () => writeVectorFile(stored('uint8'), {}),
  binary: () => writeVectorFile(stored('binary'), {}),
  ubinary: () => writeVectorFile(stored('ubinary'), {}),
  encodedInt8: () => writeTextVectorFile({ ...encoded, encoding: encodingOf('int8', encoded) }, {}),
};
type Name = keyof typeof files;

describe.skipIf(!existsSync(python))('pyarrow, DuckDB, pandas and (where installed) Polars', () => {
  let folder: string;
  let reports: Record<Name, Report>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectormill-interop-'));
    const names = Object.keys(files) as Name[];
    const paths = names.map((name) => join(folder, `${name}.parquet`));
    for (const [index, name] of names.entries()) writeFileSync(paths[index]!, files[name]());
    const output = execFileSync(python, [script, ...paths], { encoding: 'utf8', maxBuffer: 1e9 });
    const seen = JSON.parse(output) as Report[];
    reports = Object.fromEntries(names.map((name, index) => [name, seen[index]])) as Record<Name, Report>;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function expectInAll({ pyarrow, duckdb, pandas, polars }: Report, columns: Seen['columns']): void {
    for (const seen of [pyarrow, duckdb, pandas, ...(polars ? [polars] : [])])
      expect(seen.columns).toEqual(columns);
  }

  test('read a chunk file across row groups: values, nulls, uint64 keys and the footer', () => {
    const { pyarrow, duckdb, pandas } = reports.chunks;
    expectInAll(reports.chunks, {
      chunk_id: rows.map((row) => row.chunkId),
      row_key: rows.map((row) => String(row.rowKey)),
      doc_id: rows.map((row) => row.docId),
      chunk_ix: rows.map((row) => String(row.chunkIndex)),
      char_start: rows.map((row) => String(row.charStart)),
      char_end: rows.map((row) => String(row.charEnd)),
      n_tokens: rows.map((row) => String(row.nTokens)),
      truncated: rows.map((row) => row.truncated),
      text_sha256: rows.map((row) => row.textSha256),
      text: rows.map((row) => row.text),
      title: rows.map((row) => row.title ?? null),
      metadata: rows.map((row) => row.metadata ?? null),
    });
    expect(pyarrow.types).toMatchObject({ row_key: 'uint64', truncated: 'bool', text: 'string' });
    expect(duckdb.types).toMatchObject({ row_key: 'UBIGINT', truncated: 'BOOLEAN', text: 'VARCHAR' });
    expect(pandas.types).toMatchObject({ row_key: 'uint64', n_tokens: 'int32' });
    expect(pyarrow.nullable).toEqual(['title', 'metadata']);
    expect(pyarrow.metadata).toEqual({
      'vectormill.fingerprint': 'abc',
      'vectormill.format': 'chunks/1',
      'vectormill.shard': '3',
    });
  });

  test('read a vector file with fixed-size lists of float32 and the largest row key, which is unsigned', () => {
    const { pyarrow, duckdb, polars } = reports.vectors;
    expectInAll(reports.vectors, {
      row_key: [...vectors.rowKeys].map(String),
      chunk_id: [...vectors.chunkIds],
      doc_id: [...vectors.docIds],
      text_sha256: [...vectors.textSha256],
      vector: vectors.docIds.map((_, row) => [...vectors.vectors.subarray(row * 384, (row + 1) * 384)]),
    });
    expect(pyarrow.types.vector).toBe('fixed_size_list<element: float not null>[384]');
    expect(pyarrow.nullable).toEqual([]);
    expect(duckdb.types.vector).toBe('FLOAT[]');
    expect(duckdb.cast).toBe('FLOAT[384]');
    if (polars) expect(polars.types.vector).toBe('Array(Float32, shape=(384,))');
  });

  test.each([
    ['float16', 'halffloat', 'float16', 'FLOAT', 'Float16'],
    ['int8', 'int8', 'int8', 'TINYINT', 'Int8'],
    ['uint8', 'uint8', 'uint8', 'UTINYINT', 'UInt8'],
    ['binary', 'int8', 'int8', 'TINYINT', 'Int8'],
    ['ubinary', 'uint8', 'uint8', 'UTINYINT', 'UInt8'],
  ] as const)('read a vector file of %s as lists of %s', (precision, arrow, numpy, sql, rust) => {
    const { encoding } = stored(precision);
    const values = encodeVectors(vectors.vectors, 384, encoding);
    const width = storedWidth(precision, 384);
    const numbers =
      values instanceof Uint16Array ? [...decodeVectors(values, 384, encoding)] : [...values].map(String);
    expectInAll(reports[precision], {
      ...reports.vectors.pyarrow.columns,
      vector: vectors.docIds.map((_, row) => numbers.slice(row * width, (row + 1) * width)),
    });
    const { pyarrow, duckdb, pandas, polars } = reports[precision];
    expect(pyarrow.types.vector).toBe(`fixed_size_list<element: ${arrow} not null>[${width}]`);
    expect(pandas.elements).toBe(numpy);
    expect(duckdb.types.vector).toBe(`${sql}[]`);
    if (polars) expect(polars.types.vector).toBe(`Array(${rust}, shape=(${width},))`);
    const { ranges } = encoding;
    expect(pyarrow.metadata['vectormill.ranges']).toEqual(ranges && JSON.stringify(ranges));
    expect(pyarrow.metadata).toMatchObject({
      'vectormill.precision': precision,
      'vectormill.dimensions': '384',
    });
  });

  test('read back from one int8 file alone, by the ranges in its footer, the same values as we do', () => {
    const { columns, metadata } = reports.encodedInt8.pyarrow;
    const ranges = JSON.parse(metadata['vectormill.ranges']!) as ValueRanges;
    const codes = (columns.vector as string[][]).flat().map((value) => Number(value) + 128);
    const values = codes.map((code, index) => {
      const [least, greatest] = [ranges.min[index % 2]!, ranges.max[index % 2]!];
      return least + (code * (greatest - least)) / 255;
    });
    for (const [index, value] of values.entries())
      expect(Math.abs(value - encoded.vectors[index]!)).toBeLessThanOrEqual(4.5 / 255);
  });

  test('read files without rows, with all their columns', () => {
    expect(reports.noVectors.pyarrow.types).toEqual(reports.vectors.pyarrow.types);
    expect(reports.noVectors.duckdb.types).toEqual(reports.vectors.duckdb.types);
    expect(reports.noVectors.pandas.columns.vector).toEqual([]);
    expect(reports.noChunks.pyarrow.types).toEqual(reports.chunks.pyarrow.types);
    expect(reports.noChunks.duckdb.columns.text).toEqual([]);
  });

  test('read plans, rejects and encoded texts', () => {
    expectInAll(reports.plan, {
      shard: ['4294967295'],
      slice: ['0'],
      uri: ['s3://b/k'],
      etag: ['"e"'],
      object_bytes: [String(large)],
      start: ['0'],
      end: [String(large)],
      bytes: [String(large)],
      estimated_rows: ['7'],
    });
    expectInAll(reports.rejects, {
      ordinal: ['9', '10'],
      doc_id: ['d9', null],
      code: ['EMPTY_TEXT', 'BAD_JSON'],
      reason: ['no text', 'no JSON'],
      uri: ['s3://b/k', 's3://b/k'],
      unit: ['row', 'row'],
      at: ['9', '9'],
    });
    const vector = [
      [1, 0.5],
      [-2, 4],
    ];
    expectInAll(reports.encoded, { id: ['a', '汉'], vector });
  });
});
