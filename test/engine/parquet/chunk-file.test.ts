import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readChunkFile, writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { anyChunkRow, sampleChunkRows } from './sample-rows.js';

test('any chunk rows are read back as they were written', () => {
  fc.assert(
    fc.property(fc.array(anyChunkRow, { maxLength: 20 }), (rows) => {
      expect(readChunkFile(writeChunkFile(rows, {}), 'chunks').rows).toEqual(rows);
    }),
  );
});

test('the footer is read back with the rows', () => {
  const bytes = writeChunkFile(sampleChunkRows(2), { fingerprint: 'f'.repeat(64), next_ordinal: '7' });
  expect(readChunkFile(bytes, 'chunks').footer).toEqual({
    format: 'chunks/1',
    fingerprint: 'f'.repeat(64),
    next_ordinal: '7',
  });
});

test('rows that fill several row groups keep their order', () => {
  const rows = sampleChunkRows(40_000);
  expect(readChunkFile(writeChunkFile(rows, {}), 'chunks').rows).toEqual(rows);
});

test('a text of twenty million bytes is read back whole', () => {
  const [row] = sampleChunkRows(1);
  const text = '0123456789é汉字👩'.repeat(1_000_000);
  const read = readChunkFile(writeChunkFile([{ ...row!, text }], {}), 'chunks').rows[0]!;
  expect(read.text.length).toBe(text.length);
  expect(read.text === text).toBe(true);
});

test('half a surrogate pair is stored as the replacement character', () => {
  const [row] = sampleChunkRows(1);
  const bytes = writeChunkFile([{ ...row!, text: 'a\uD800b' }], {});
  expect(readChunkFile(bytes, 'chunks').rows[0]!.text).toBe('a\uFFFDb');
});

test('equal rows and footers give equal bytes, whatever the order of the footer keys', () => {
  const footer = { dataset: 'demo', version: 'v1', shard: '3', note: 'é'.repeat(200), empty: '' };
  const reversed = Object.fromEntries(Object.entries(footer).reverse());
  const first = writeChunkFile(sampleChunkRows(100), footer);
  for (let again = 0; again < 5; again += 1)
    expect(Buffer.compare(writeChunkFile(sampleChunkRows(100), reversed), first)).toBe(0);
  expect(readChunkFile(first, 'chunks').footer).toMatchObject(footer);
});
