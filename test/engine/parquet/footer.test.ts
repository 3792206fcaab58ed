import { expect, test } from 'vitest';
import { writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { type RangeReader, readTail, readTailByRange } from '../../../engine/parquet/footer.js';
import { writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { chunkRows, vectorRows } from './sample-rows.js';

const damaged = expect.objectContaining({ code: 'FILE_DAMAGED', file: 'part.parquet' });

function rangesOf(bytes: Uint8Array) {
  const ranges: { start: number; end: number }[] = [];
  const read: RangeReader = async (range) => {
    if (range.start < 0 || range.start > range.end) throw new RangeError('outside the file');
    ranges.push(range);
    return bytes.slice(range.start, range.end);
  };
  return { ranges, read };
}

test('the tail tells rows, row groups and footer', () => {
  const bytes = writeChunkFile(chunkRows(20_000), { shard: '3' });
  expect(readTail(bytes, 'part.parquet')).toEqual({
    rows: 20_000,
    rowGroups: [16_384, 3_616],
    footer: { format: 'chunks/1', shard: '3' },
  });
});

test('the tail of a stored file takes one small read of its end', async () => {
  const bytes = writeVectorFile(vectorRows(2_000, 64), { fingerprint: 'abc' });
  const { ranges, read } = rangesOf(bytes);
  expect(await readTailByRange(read, bytes.byteLength, 'part.parquet')).toEqual(
    readTail(bytes, 'part.parquet'),
  );
  expect(ranges).toEqual([{ start: bytes.byteLength - 32_768, end: bytes.byteLength }]);
});

test('a footer longer than the first read takes a second one', async () => {
  const note = 'n'.repeat(100_000);
  const bytes = writeChunkFile(chunkRows(5_000), { note });
  const { ranges, read } = rangesOf(bytes);
  const tail = await readTailByRange(read, bytes.byteLength, 'part.parquet');
  expect(tail).toEqual({ rows: 5_000, rowGroups: [5_000], footer: { format: 'chunks/1', note } });
  expect(ranges).toHaveLength(2);
});

test('a file smaller than the first read is read from its beginning', async () => {
  const bytes = writeChunkFile([], {});
  const { ranges, read } = rangesOf(bytes);
  expect((await readTailByRange(read, bytes.byteLength, 'part.parquet')).rows).toBe(0);
  expect(ranges).toEqual([{ start: 0, end: bytes.byteLength }]);
});

test('an object that has become shorter is FILE_DAMAGED', async () => {
  const bytes = writeChunkFile(chunkRows(10), {});
  const { read } = rangesOf(bytes.subarray(0, bytes.byteLength - 10));
  await expect(readTailByRange(read, bytes.byteLength, 'part.parquet')).rejects.toThrow(damaged);
});

test.each([0, 1, 7, 8, 11])('%i zero bytes are no Parquet file', async (size) => {
  const bytes = new Uint8Array(size);
  expect(() => readTail(bytes, 'part.parquet')).toThrow(damaged);
  await expect(readTailByRange(rangesOf(bytes).read, size, 'part.parquet')).rejects.toThrow(damaged);
});

test('a footer that claims to be longer than the file is FILE_DAMAGED', async () => {
  const bytes = writeChunkFile(chunkRows(10), {});
  new DataView(bytes.buffer).setUint32(bytes.byteLength - 8, 0xffffffff, true);
  expect(() => readTail(bytes, 'part.parquet')).toThrow(damaged);
  await expect(readTailByRange(rangesOf(bytes).read, bytes.byteLength, 'part.parquet')).rejects.toThrow(
    damaged,
  );
});

test('a footer key that would be prefixed twice is refused', () => {
  expect(() => writeChunkFile([], { 'vectormill.shard': '3' })).toThrow(RangeError);
});
