import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvDialect } from '../../../engine/corpus/csv-dialect.js';
import { CsvRowSplitter } from '../../../engine/corpus/csv-rows.js';
import { COLUMNS, corpusOf, documentsIn, outline, read, rejectsIn } from './support.js';

const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r\n', ' ', '\t'), maxLength: 8 });

function quoted(value: string): string {
  return /[",\n\r\t]/.test(value) || value === '' ? `"${value.replaceAll('"', '""')}"` : value;
}

it('a valid table is read as csv-parse reads it, however its bytes arrive', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 4 })
        .chain((width) =>
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
        ),
      fc.constantFrom(',', '\t'),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      (table, delimiter, newline, isTerminated, size) => {
        const text = table.map((row) => row.map(quoted).join(delimiter)).join(newline);
        const bytes = Buffer.from(isTerminated ? text + newline : text);
        const expected = parse(bytes, { delimiter, record_delimiter: newline });
        expect(rowsOf(bytes, { delimiter, size })).toEqual(expected);
        expect(expected).toEqual(table);
      },
    ),
    { numRuns: 500 },
  );
});

function rowsOf(bytes: Uint8Array, { delimiter = ',', size = 7, maxBytes = 1000 }): unknown[] {
  const splitter = new CsvRowSplitter(csvDialect('csv', { delimiter }), maxBytes);
  const rows = [];
  for (let at = 0; at < bytes.length; at += size) rows.push(...splitter.push(bytes.subarray(at, at + size)));
  rows.push(...splitter.end());
  return rows.map((row) =>
    row.kind === 'fields' ? row.fields.map((field) => Buffer.from(field).toString()) : row.kind,
  );
}

it('a row over the limit is skipped as one row, with its quoted newlines and escaped quotes', () => {
  const long = `2,"${'line ""x""\n'.repeat(20)}"`;
  const bytes = Buffer.from(
    `id,text\n1,a\n${long}\n3,"c"\n4,${'y'.repeat(120)}\n5,e\n6,"${'z'.repeat(120)}"`,
  );
  for (let size = 1; size < 40; size += 1) {
    expect(rowsOf(bytes, { size, maxBytes: 100 })).toEqual([
      ['id', 'text'],
      ['1', 'a'],
      'too-large',
      ['3', 'c'],
      'too-large',
      ['5', 'e'],
      'too-large',
    ]);
  }
});

it('the header names the columns, and quoted fields may hold commas, quotes and newlines', async () => {
  const uri = await corpusOf({
    'a.csv':
      '\ufeffyear,_id,title,text\r\n2020,1,"A, B","say ""hi""\nthere"\r\n\r\n2021,2,,plain "quoted" text\r\n',
  });
  const records = await read({ uri, columns: { ...COLUMNS, metadata: ['year'] } });
  expect(documentsIn(records)).toEqual([
    { id: '1', title: 'A, B', text: 'say "hi"\nthere', metadata: { year: '2020' } },
    { id: '2', text: 'plain "quoted" text', metadata: { year: '2021' } },
  ]);
});

it('a TSV table may be compressed, and positions are then rows', async () => {
  const uri = await corpusOf({ 'a.tsv.gz': gzipSync('id\ttext\n1\tone, two\nbad\n2\t"a\tb"\n') });
  const records = await read({ uri });
  expect(documentsIn(records)).toEqual([
    { id: '1', text: 'one, two' },
    { id: '2', text: 'a\tb' },
  ]);
  expect(rejectsIn(records)[0]).toMatchObject({ code: 'BAD_ROW', position: { unit: 'row', at: 1 } });
});

it('each fault of a row is quarantined, and costs only that row', async () => {
  const uri = await corpusOf({
    'a.csv': Buffer.concat([
      Buffer.from('id,text\n1,ok\n2\n3,a,b\n4,"open\n5,ok\n6,"closed"x\n7,ok\n,no id\n8,\n9,'),
      Buffer.from([0xff]),
      Buffer.from('\n10,"never closed\n11,ok\n12,ok'),
    ]),
  });
  const records = await read({ uri });
  expect(outline(records)).toEqual([
    '1',
    'BAD_ROW',
    'BAD_ROW',
    'BAD_ROW',
    '5',
    'BAD_ROW',
    '7',
    'MISSING_ID',
    'EMPTY_TEXT',
    'INVALID_UTF8',
    'BAD_ROW',
    '11',
    '12',
  ]);
  expect(rejectsIn(records)[0]).toMatchObject({
    reason: 'the row has 1 field, the header has 2',
    position: { unit: 'byte', at: 13 },
  });
  expect(JSON.stringify(rejectsIn(records))).not.toMatch(/open|never closed\\n11/);
});

it('a quote that stays open over more than a document may hold is INPUT_DAMAGED, not a silent loss', async () => {
  const uri = await corpusOf({ 'a.csv': `id,text\n1,ok\n2,"open\n${'3,row\n'.repeat(100)}` });
  await expect(read({ uri, maxDocumentBytes: 100 })).rejects.toMatchObject({
    code: 'INPUT_DAMAGED',
    remedy: expect.stringContaining('input.csv: {quote: none}'),
    file: `${uri}/a.csv`,
    position: 13,
  });
});

it.each([
  ['a.csv', 'id;text\n1;apple\n'],
  ['a.csv', '\ufeff"id\ttext"\n1\tapple\n'],
  ['a.csv', 'sep=;\nid;text\n1;apple\n'],
  ['a.tsv', 'id,text\n1,apple\n'],
])(
  'the error for %s with another character between its columns names input.csv.delimiter',
  async (name, table) => {
    const uri = await corpusOf({ [name]: table });
    await expect(read({ uri })).rejects.toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      file: `${uri}/${name}`,
      remedy: expect.stringContaining('input.csv.delimiter'),
    });
  },
);

it('a table without a mapped column is INPUT_UNSUPPORTED, and the error does not quote its first row', async () => {
  const uri = await corpusOf({ 'a.csv': 'a sentence,another one,4.2\n' });
  const refusal = await read({ uri }).catch((error: Error) => error);
  expect(refusal).toMatchObject({ code: 'INPUT_UNSUPPORTED', file: `${uri}/a.csv` });
  expect((refusal as Error).message).toContain('"_id", "text"');
  expect((refusal as Error).message).not.toContain('sentence');
});

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function marked(text: string): Buffer {
  return Buffer.concat([MARK, Buffer.from(text)]);
}

it.each([
  ['CSV', 'a.csv', '"_id","title","text"\n"1","The ""Pear""","apple"\n'],
  ['TSV', 'a.tsv', '"_id"\t"title"\t"text"\n"1"\t"The ""Pear"""\t"apple"\n'],
  ['lines that a carriage return ends', 'a.csv', '"_id","title","text"\r"1","The ""Pear""","apple"\r'],
  ['a blank first line', 'a.csv', '\r\n"_id","title","text"\r\n"1","The ""Pear""","apple"\r\n'],
])('a byte order mark is not part of a quoted header: %s, plain and compressed', async (_, name, table) => {
  const expected = [{ id: '1', title: 'The "Pear"', text: 'apple' }];
  for (const bytes of [marked(table), Buffer.from(table)]) {
    expect(documentsIn(await read({ uri: await corpusOf({ [name]: bytes }) }))).toEqual(expected);
    const gzipped = await corpusOf({ [`${name}.gz`]: gzipSync(bytes) });
    expect(documentsIn(await read({ uri: gzipped }))).toEqual(expected);
  }
});

it('a byte order mark counts among the bytes of the object, and is removed in pieces of any size', async () => {
  const uri = await corpusOf({ 'a.csv': marked('_id,text\n1,a\n2\n') });
  expect(rejectsIn(await read({ uri }))[0]?.position.at).toBe(16);
  for (let size = 1; size < 12; size += 1)
    expect(rowsOf(marked('"a, b",c\n1,2'), { size })).toEqual([
      ['a, b', 'c'],
      ['1', '2'],
    ]);
  expect(rowsOf(MARK, { size: 2 })).toEqual([]);
});

it.each([
  ['a.csv', 'utf16le'],
  ['a.tsv.gz', 'utf16be'],
  ['a.jsonl', 'utf16le'],
  ['a.jsonl.gz', 'utf16le'],
  ['a.json', 'utf16be'],
])('%s in %s is refused by name', async (name, encoding) => {
  const bytes = Buffer.from('\ufeff_id,text\n1,a\n', 'utf16le');
  if (encoding === 'utf16be') bytes.swap16();
  const uri = await corpusOf({ [name]: name.endsWith('.gz') ? gzipSync(bytes) : bytes });
  await expect(read({ uri })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    message: expect.stringContaining('UTF-16'),
  });
});

it('of columns with the same name the first counts, and names may be blank or hold delimiters and line ends', async () => {
  const uri = await corpusOf({ 'a.csv': ',_id,"a, \r\nb",text,text,\r\n0,1,x,first,second,\r\n' });
  const records = await read({ uri, columns: { ...COLUMNS, metadata: ['a, \r\nb', ''] } });
  expect(documentsIn(records)).toEqual([{ id: '1', text: 'first', metadata: { 'a, \r\nb': 'x', '': '0' } }]);
});

it('a lone carriage return ends lines only if it ends the first line', async () => {
  const uri = await corpusOf({
    'a.csv': '_id,text\r1,a\r\n2,b\n3,"c\rd"\r\r4,e\r5\r',
    'b.csv': '_id,text\n6,f\rg\n7,h\r\n',
  });
  const records = await read({ uri });
  expect(documentsIn(records).map(({ id, text }) => [id, text])).toEqual([
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'c\rd'],
    ['4', 'e'],
    ['6', 'f\rg'],
    ['7', 'h'],
  ]);
  expect(rejectsIn(records).map(({ code, position }) => [code, position.at])).toEqual([['BAD_ROW', 31]]);
});

it('a job may set the characters that quote and separate', async () => {
  const uri = await corpusOf({ 'a.csv': "_id;text\n1;'a; ''b''\nc'\n2;\"d\n" });
  const input = { uri, csv: { delimiter: ';', quote: "'" } };
  expect(documentsIn(await read(input)).map(({ text }) => text)).toEqual(["a; 'b'\nc", '"d']);
  const plain = await corpusOf({ 'a.csv': '_id,text\n1,"apple pear\n2,a plank of 12"\n3,"river"\n' });
  expect(outline(await read({ uri: plain }))).toEqual(['1', '3']);
  const records = await read({ uri: plain, csv: { quote: 'none' } });
  expect(documentsIn(records).map(({ text }) => text)).toEqual(['"apple pear', 'a plank of 12"', '"river"']);
});

it('a dialect for a corpus without tables is INPUT_UNSUPPORTED', async () => {
  const uri = await corpusOf({ 'a.jsonl': '{"_id": 1, "text": "a"}\n' });
  await expect(read({ uri, csv: { quote: 'none' } })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    message: expect.stringContaining('input.csv'),
  });
});

it('rows of more than ten lines are marked, whether they are read or rejected', async () => {
  const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}`).join('\n');
  const uri = await corpusOf({
    'a.csv': `_id,text\n1,"${lines(10)}"\n2,"${lines(11)}"\n3,"${lines(12)}",x\n4,d\n`,
  });
  const records = await read({ uri });
  expect(outline(records)).toEqual(['1', '2', 'BAD_ROW', '4']);
  expect(records.map(({ longRow }) => longRow)).toEqual([undefined, true, true, undefined]);
});
