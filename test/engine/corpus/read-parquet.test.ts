import {
  Binary,
  DateDay,
  Dictionary,
  Field,
  Int32,
  Int64,
  List,
  Table,
  TimestampMicrosecond,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import {
  Compression,
  type Encoding,
  Table as WasmTable,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm/node';
import { expect, it } from 'vitest';
import {
  COLUMNS,
  collectRecords,
  corpusOf,
  countingOpener,
  documentsIn,
  outline,
  plan,
  read,
  rejectsIn,
} from './support.js';

interface Layout {
  rowsPerGroup?: number;
  pageBytes?: number;
  compression?: Compression;
  dictionary?: boolean;
  encoding?: Encoding;
}

function parquet(table: Table, layout: Layout = {}): Uint8Array {
  let builder = new WriterPropertiesBuilder()
    .setCompression(layout.compression ?? Compression.SNAPPY)
    .setMaxRowGroupSize(layout.rowsPerGroup ?? 1_000_000)
    .setDictionaryEnabled(layout.dictionary ?? true)
    .setWriteBatchSize(16);
  if (layout.pageBytes) builder = builder.setDataPageSizeLimit(layout.pageBytes);
  if (layout.encoding !== undefined) builder = builder.setEncoding(layout.encoding);
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream')), builder.build());
}

function rows(count: number, text = (index: number) => `text of ${index} ${'word '.repeat(20)}`): Table {
  const numbers = Array.from({ length: count }, (_, index) => index);
  return tableFromArrays({
    _id: numbers.map((index) => `d${index}`),
    title: numbers.map((index) => (index % 3 === 0 ? null : `Title ${index % 10}`)),
    text: numbers.map(text),
  });
}

function expectedDocuments(table: Table): unknown[] {
  return table.toArray().map((row) => {
    const { _id: id, title, text } = row!.toJSON();
    return title === null ? { id, text } : { id, title, text };
  });
}

it.each([
  ['none', Compression.UNCOMPRESSED],
  ['snappy', Compression.SNAPPY],
  ['gzip', Compression.GZIP],
  ['brotli', Compression.BROTLI],
  ['zstd', Compression.ZSTD],
  ['lz4', Compression.LZ4_RAW],
])('%s pages are read, with several in a column and several row groups', async (_, compression) => {
  const table = rows(1000);
  for (const dictionary of [true, false]) {
    const bytes = parquet(table, { compression, dictionary, rowsPerGroup: 300, pageBytes: 2000 });
    const uri = await corpusOf({ 'a.parquet': bytes });
    expect(documentsIn(await read({ uri }))).toEqual(expectedDocuments(table));
  }
});

it('LZ4 pages without a value are read', async () => {
  const table = new Table({
    _id: vectorFromArray(['1', '2'], new Utf8()),
    title: vectorFromArray([null, null], new Utf8()),
    text: vectorFromArray(['a', 'b'], new Utf8()),
  });
  for (const dictionary of [true, false]) {
    const uri = await corpusOf({
      'a.parquet': parquet(table, { compression: Compression.LZ4_RAW, dictionary }),
    });
    expect(documentsIn(await read({ uri }))).toEqual(expectedDocuments(table));
  }
});

it('row groups are divided among shards, with each row once and with its number in the object', async () => {
  const uri = await corpusOf({ 'a.parquet': parquet(rows(1000), { rowsPerGroup: 100 }) });
  const reading = { uri, shardBytes: 4000 };
  const shards = await plan(reading);
  expect(shards.length).toBeGreaterThan(3);
  expect(shards.flatMap(({ slices }) => slices).reduce((sum, slice) => sum + slice.estimatedRows, 0)).toBe(
    1000,
  );
  const records = await collectRecords(shards, reading);
  expect(records.map((record) => record.kind === 'document' && record.position)).toEqual(
    Array.from({ length: 1000 }, (_, at) => ({ uri: `${uri}/a.parquet`, unit: 'row', at })),
  );
});

it('columns that are not mapped are not fetched, and neither are other row groups', async () => {
  const numbers = Array.from({ length: 2000 }, (_, index) => index);
  const noise = (index: number) => Math.sin(index).toString().repeat(20);
  const table = tableFromArrays({
    id: numbers.map(String),
    text: numbers.map((index) => `text ${noise(index)}`),
    unused: numbers.map((index) => noise(index + 0.5).repeat(10)),
  });
  const bytes = parquet(table, {
    rowsPerGroup: 500,
    compression: Compression.UNCOMPRESSED,
    dictionary: false,
  });
  const uri = await corpusOf({ 'a.parquet': bytes });
  const counting = countingOpener();
  const reading = { uri, shardBytes: 1, openStore: counting.openStore };
  const shards = await plan(reading);
  const planned = counting.bytes();
  expect(planned).toBeLessThanOrEqual(64 * 1024);
  expect(await collectRecords([shards[1]!], reading)).toHaveLength(500);
  const textBytes = 500 * 400;
  expect(counting.bytes() - planned).toBeLessThan(textBytes + 64 * 1024 + 10_000);
  expect(bytes.length).toBeGreaterThan(10 * textBytes);
});

it('ids may be numbers of 64 bits, and metadata of any type becomes JSON', async () => {
  const table = new Table({
    id: vectorFromArray([1n, 9007199254740993n], new Int64()),
    body: vectorFromArray(['a', 'b'], new Utf8()),
    when: vectorFromArray([1_709_208_000_123.456, null], new TimestampMicrosecond()),
    day: vectorFromArray([new Date('2024-02-29'), null], new DateDay()),
    raw: vectorFromArray([new Uint8Array([0, 255]), new Uint8Array([1])], new Binary()),
    big: vectorFromArray([2n ** 60n, 5n], new Int64()),
    score: vectorFromArray([0.5, Number.NaN]),
    tags: vectorFromArray([['x', 'y'], null], new List(new Field('item', new Utf8()))),
    kind: vectorFromArray(['k', null], new Dictionary(new Utf8(), new Int32())),
  });
  const uri = await corpusOf({ 'a.parquet': parquet(table) });
  const metadata = ['when', 'day', 'raw', 'big', 'score', 'tags', 'kind'];
  const records = await read({ uri, columns: { text: 'body', title: 'title', metadata } });
  expect(documentsIn(records)).toEqual([
    {
      id: '1',
      text: 'a',
      metadata: {
        when: '2024-02-29T12:00:00.123456Z',
        day: '2024-02-29',
        raw: 'AP8=',
        big: '1152921504606846976',
        score: 0.5,
        tags: ['x', 'y'],
        kind: 'k',
      },
    },
    {
      id: '9007199254740993',
      text: 'b',
      metadata: { when: null, day: null, raw: 'AQ==', big: 5, score: null, tags: null, kind: null },
    },
  ]);
});

it('faults of rows are quarantined: nulls, blanks, invalid UTF-8 and rows larger than a document may be', async () => {
  const table = new Table({
    _id: vectorFromArray(['1', null, '3', '4', '5', '6', ''], new Utf8()),
    text: vectorFromArray(
      ['ok', 'a', null, ' ', Buffer.from([0xc3, 0x28]), Buffer.from('é'.repeat(600)), 'a'].map((value) =>
        value === null ? null : Buffer.from(value as string),
      ),
      new Binary(),
    ),
  });
  const uri = await corpusOf({ 'a.parquet': parquet(table) });
  const records = await read({ uri, maxDocumentBytes: 1000 });
  expect(outline(records)).toEqual([
    '1',
    'MISSING_ID',
    'MISSING_TEXT',
    'EMPTY_TEXT',
    'INVALID_UTF8',
    'TOO_LARGE',
    'MISSING_ID',
  ]);
  expect(rejectsIn(records)[1]).toMatchObject({ id: '3', position: { unit: 'row', at: 2 }, ordinal: 2 });
});

it('a file without the mapped columns is refused when it is planned', async () => {
  const uri = await corpusOf({ 'a.parquet': parquet(tableFromArrays({ key: ['1'], text: ['a'] })) });
  await expect(plan({ uri })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    message: expect.stringContaining('"_id"'),
  });
  await expect(plan({ uri, columns: { ...COLUMNS, id: 'key', metadata: ['m'] } })).rejects.toMatchObject({
    message: expect.stringContaining('"m"'),
  });
  expect(outline(await read({ uri, columns: { ...COLUMNS, id: 'key' } }))).toEqual(['1']);
});

it('a table without rows is not a corpus', async () => {
  const empty = new Table({ _id: vectorFromArray([], new Utf8()), text: vectorFromArray([], new Utf8()) });
  const uri = await corpusOf({ 'a.parquet': parquet(empty) });
  await expect(plan({ uri })).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
});

it.each([
  ['is no Parquet', () => Buffer.from('not a table at all')],
  ['is cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 9)],
  ['is a few bytes', (bytes: Uint8Array) => bytes.subarray(0, 4)],
  ['has a footer of noise', (bytes: Uint8Array) => bytes.slice().fill(0x77, -200, -8)],
])('an object that %s is INPUT_DAMAGED when it is planned', async (_, damage) => {
  const uri = await corpusOf({ 'a.parquet': damage(parquet(rows(50))) });
  await expect(plan({ uri })).rejects.toMatchObject({ code: 'INPUT_DAMAGED', file: `${uri}/a.parquet` });
});

it('damaged pages are INPUT_DAMAGED, not records', async () => {
  const bytes = parquet(rows(500), { compression: Compression.ZSTD }).slice();
  bytes.fill(0x77, 4, 2000);
  const uri = await corpusOf({ 'a.parquet': bytes });
  await expect(read({ uri })).rejects.toMatchObject({ code: 'INPUT_DAMAGED', file: `${uri}/a.parquet` });
});
