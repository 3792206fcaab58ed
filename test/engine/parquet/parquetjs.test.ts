import { ParquetReader } from 'parquetjs-lite';
import { expect, test } from 'vitest';
import { writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { writePlanFile } from '../../../engine/parquet/plan-file.js';
import { writeRejectFile } from '../../../engine/parquet/reject-file.js';
import { writeTextVectorFile } from '../../../engine/parquet/text-vector-file.js';
import { writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { sampleChunkRows, vectorRows } from './sample-rows.js';

/**
 * Reads with the simplest reader there is: it has no dictionaries, no LZ4 or Zstandard, and no
 * second page version.
 */
async function read(bytes: Uint8Array) {
  const reader = await ParquetReader.openBuffer(Buffer.from(bytes));
  const cursor = reader.getCursor();
  const rows: Record<string, unknown>[] = [];
  for (let row = await cursor.next(); row; row = await cursor.next()) rows.push(row);
  const metadata = reader.getMetadata();
  await reader.close();
  return { rows, metadata };
}

test('parquetjs-lite reads a chunk file', async () => {
  const rows = sampleChunkRows(2_000);
  const file = await read(writeChunkFile(rows, { fingerprint: 'abc' }));
  const expected = rows.map((row) => ({
    chunk_id: row.chunkId,
    row_key: row.rowKey,
    doc_id: row.docId,
    chunk_ix: row.chunkIndex,
    char_start: row.charStart,
    char_end: row.charEnd,
    n_tokens: row.nTokens,
    truncated: row.truncated,
    text_sha256: row.textSha256,
    text: row.text,
    ...(row.title === undefined ? {} : { title: row.title }),
    ...(row.metadata === undefined ? {} : { metadata: row.metadata }),
  }));
  expect(file.rows).toEqual(expected);
  expect(file.metadata).toMatchObject({ 'vectormill.fingerprint': 'abc' });
});

test('parquetjs-lite reads a vector file, each vector as a list of elements', async () => {
  const rows = vectorRows(200, 384);
  const file = await read(writeVectorFile(rows, { fingerprint: 'abc' }));
  expect(file.rows.map(({ row_key }) => row_key)).toEqual([...rows.rowKeys]);
  const vectors = file.rows.flatMap(({ vector }) =>
    (vector as { list: { element: number }[] }).list.map(({ element }) => element),
  );
  expect(vectors).toEqual([...rows.vectors]);
});

test('parquetjs-lite reads the other files, and files without rows', async () => {
  const position = { uri: 'file:///a.jsonl', unit: 'byte' as const, at: 5_000_000_000 };
  const rejects = [{ code: 'BAD_JSON' as const, reason: 'why', position, ordinal: 4 }];
  const slice = { uri: 'a', etag: 'e', objectBytes: 9, start: 0, end: 9, bytes: 9, estimatedRows: 2 };
  const ids = ['q1', 'q2'];
  const encoding = { precision: 'float32' as const };
  const encoded = { ids, vectors: Float32Array.of(1, 2, 3, 4), dimensions: 2, encoding };
  expect((await read(writeRejectFile(rejects, {}))).rows).toEqual([
    {
      ordinal: 4n,
      code: 'BAD_JSON',
      reason: 'why',
      uri: 'file:///a.jsonl',
      unit: 'byte',
      at: 5_000_000_000n,
    },
  ]);
  expect((await read(writePlanFile([{ shard: 0, slices: [slice] }], {}))).rows).toHaveLength(1);
  expect((await read(writeTextVectorFile(encoded, {}))).rows.map(({ id }) => id)).toEqual(ids);
  expect((await read(writeChunkFile([], {}))).rows).toEqual([]);
  expect((await read(writeVectorFile(vectorRows(0, 384), {}))).rows).toEqual([]);
});
