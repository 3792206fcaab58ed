import { expect, test } from 'vitest';
import { writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readTail } from '../../../engine/parquet/footer.js';
import { sampleChunkRows } from './sample-rows.js';

const damaged = expect.objectContaining({ code: 'FILE_DAMAGED', file: 'part.parquet' });

test('the tail tells rows, row groups and footer', () => {
  const bytes = writeChunkFile(sampleChunkRows(20_000), { shard: '3' });
  expect(readTail(bytes, 'part.parquet')).toEqual({
    rows: 20_000,
    rowGroups: [16_384, 3_616],
    footer: { format: 'chunks/1', shard: '3' },
  });
});

test.each([0, 1, 7, 8, 11])('%i zero bytes are not a Parquet file', (size) => {
  const bytes = new Uint8Array(size);
  expect(() => readTail(bytes, 'part.parquet')).toThrow(damaged);
});

test('a footer that claims to be longer than the file is FILE_DAMAGED', () => {
  const bytes = writeChunkFile(sampleChunkRows(10), {});
  new DataView(bytes.buffer).setUint32(bytes.byteLength - 8, 0xffffffff, true);
  expect(() => readTail(bytes, 'part.parquet')).toThrow(damaged);
});

test('a footer key that would be prefixed twice is refused', () => {
  expect(() => writeChunkFile([], { 'vectormill.shard': '3' })).toThrow(RangeError);
});
