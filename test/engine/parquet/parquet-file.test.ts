import { Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import { rowKey } from '../../../core/ids.js';
import { readChunkFile, writeChunkFile } from '../../../engine/parquet/chunk-file.js';
import { readVectorFile, writeVectorFile } from '../../../engine/parquet/vector-file.js';
import { withParquetWasm } from '../../../engine/parquet/wasm-instance.js';
import { sampleChunkRows, vectorRows } from './sample-rows.js';

const memoryBytes = () => withParquetWasm((wasm) => wasm.wasmMemory().buffer.byteLength);

test('every column is plain, in Snappy, without a dictionary', () => {
  const files = [writeChunkFile(sampleChunkRows(500), {}), writeVectorFile(vectorRows(500, 8), {})];
  const metadata = files.map((bytes) => parquetMetadata(bytes));
  expect(metadata.map(({ version }) => version)).toEqual([1, 1]);
  for (const { meta_data } of metadata.flatMap(({ row_groups }) => row_groups[0]!.columns)) {
    expect(meta_data).toMatchObject({ codec: 'SNAPPY' });
    expect(meta_data!.encodings.filter((encoding) => encoding !== 'RLE')).toEqual(['PLAIN']);
    expect(meta_data!.dictionary_page_offset).toBeUndefined();
  }
});

test('each row group has its smallest and largest row key, and nothing of the texts', () => {
  const { row_groups } = parquetMetadata(writeChunkFile(sampleChunkRows(20_000), {}));
  const statistics = row_groups.map(({ columns }) =>
    Object.fromEntries(
      columns.map(({ meta_data }) => [meta_data!.path_in_schema.join('.'), meta_data!.statistics]),
    ),
  );
  expect(statistics.map(({ row_key }) => [row_key?.min_value, row_key?.max_value])).toEqual([
    [rowKey(3, 0), rowKey(3, 16_383)],
    [rowKey(3, 16_384), rowKey(3, 19_999)],
  ]);
  expect(statistics[0]).toMatchObject({ text: undefined, title: undefined, metadata: undefined });
});

test('the memory of the Parquet library does not grow with the number of files', () => {
  const work = (files: number) => {
    for (let file = 0; file < files; file += 1) {
      readChunkFile(writeChunkFile(sampleChunkRows(20), { shard: '3' }), 'chunks');
      readVectorFile(writeVectorFile(vectorRows(20, 64), { shard: '3' }), 'vectors');
    }
  };
  work(50);
  const before = memoryBytes();
  work(500);
  expect(memoryBytes()).toBe(before);
});

test('the memory that a large table took is released', () => {
  const dimensions = 70_000;
  const rows = { ...vectorRows(300, 1), vectors: new Float32Array(300 * dimensions), dimensions };
  readVectorFile(writeVectorFile(rows, {}), 'vectors');
  expect(memoryBytes()).toBeLessThan(8 * 1024 * 1024);
});

test('after a panic inside the Parquet library, the library still works', () => {
  const panicking = withParquetWasm((wasm) => wasm);
  const text = tableToIPC(new Table({ text: vectorFromArray(['one'], new Utf8()) }), 'stream');
  expect(() =>
    withParquetWasm((wasm) => {
      const builder = new wasm.WriterPropertiesBuilder().setDictionaryEnabled(false);
      const properties = builder.setEncoding(wasm.Encoding.BYTE_STREAM_SPLIT).build();
      return wasm.writeParquet(wasm.Table.fromIPCStream(text), properties);
    }),
  ).toThrow('unreachable');
  expect(withParquetWasm((wasm) => wasm)).not.toBe(panicking);
  const rows = sampleChunkRows(10);
  expect(readChunkFile(writeChunkFile(rows, {}), 'chunks').rows).toEqual(rows);
});
