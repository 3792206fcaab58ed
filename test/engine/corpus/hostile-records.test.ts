import { Binary, Field, List, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { Table as WasmTable, writeParquet } from 'parquet-wasm/node';
import { describe, expect, it } from 'vitest';
import { REJECT_CODES } from '../../../core/document.js';
import { JsonConverter, NoJsonFormError } from '../../../engine/corpus/json-value.js';
import { markdownTitle } from '../../../engine/corpus/text-title.js';
import { COLUMNS, corpusOf, documentsIn, outline, read, rejectsIn } from './support.js';

const GOOD = '{"_id":"good","text":"a"}';
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const deepObject = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('one hostile line is one reject, and costs nothing else', () => {
  it.each([
    ['nested too deeply in metadata', `{"_id":"1","text":"a","m":${deep(5000)}}`, 'BAD_JSON'],
    ['objects nested too deeply', `{"_id":"1","text":"a","m":${deepObject(100_000)}}`, 'BAD_JSON'],
    ['one level too deep', `{"_id":"1","text":"a","m":${deep(501)}}`, 'BAD_JSON'],
    ['deep enough', `{"_id":"1","text":"a","m":${deep(500)}}`, '1'],
    ['nested deeply beside the mapped columns', `{"_id":"1","text":"a","x":${deep(200_000)}}`, '1'],
    [
      'deep beside a long number',
      `{"_id":12345678901234567890,"text":"a","x":${deep(200_000)}}`,
      '12345678901234567890',
    ],
    ['a deep id', `{"_id":${deep(5000)},"text":"a"}`, 'MISSING_ID'],
    ['a deep text', `{"_id":"1","text":${deep(5000)}}`, 'MISSING_TEXT'],
    ['a deep title', `{"_id":"1","text":"a","title":${deep(5000)}}`, '1'],
    ['nothing but brackets', '['.repeat(500_000), 'BAD_JSON'],
    ['a gigantic number as text', `{"_id":"1","text":${'9'.repeat(500_000)}}`, 'MISSING_TEXT'],
    ['a gigantic number', `{"_id":"1","text":"a","m":${'9'.repeat(500_000)}}`, '1'],
    ['a gigantic exponent', '{"_id":"1","text":"a","m":1e999999999}', '1'],
    ['half a surrogate pair in a key', '{"_id":"1","text":"a","m":{"\\ud800":1}}', 'INVALID_UTF8'],
    ['a raw control character', '{"_id":"1","text":"a\u0001"}', 'BAD_JSON'],
    ['two records on a line', `${GOOD}${GOOD}`, 'BAD_JSON'],
    ['a list', `[${GOOD}]`, 'BAD_JSON'],
    ['null', 'null', 'BAD_JSON'],
    ['NUL', '{"_id":"\\u0000","text":"\\u0000"}', '\u0000'],
    ['lists as id', '{"_id":["1"],"text":"a"}', 'MISSING_ID'],
    ['true as id', '{"_id":true,"text":"a"}', 'MISSING_ID'],
    ['members of Object', '{"_id":"1","text":"a","m":{"toJSON":1,"toString":2,"constructor":3}}', '1'],
    ['a key twice: the last counts', '{"_id":"1","_id":"2","text":"a"}', '2'],
  ])('%s', async (_, line, expected) => {
    for (const name of ['a.jsonl', 'a.json']) {
      const uri = await corpusOf({ [name]: `${GOOD}\n${line}\n${GOOD}` });
      const records = await read({ uri, columns: { ...COLUMNS, metadata: ['m'] } });
      expect(outline(records)).toEqual(['good', expected, 'good']);
    }
  });

  it('a reject says where it is', async () => {
    const uri = await corpusOf({ 'a.jsonl': `${GOOD}\n{"_id":"1","text":"a","m":${deep(5000)}}` });
    const [reject] = rejectsIn(await read({ uri, columns: { ...COLUMNS, metadata: ['m'] } }));
    expect(reject).toMatchObject({ id: '1', position: { unit: 'byte', at: GOOD.length + 1 }, ordinal: 1 });
    expect(reject!.reason).toContain('"m"');
  });
});

it('members are kept whatever their names are', async () => {
  const metadata = ['__proto__', 'constructor', 'm'];
  const line =
    '{"_id":"1","text":"a","__proto__":{"text":"b"},"constructor":5,"m":{"__proto__":{"x":12345678901234567890}}}';
  const uri = await corpusOf({
    'a.jsonl': line,
    'b/a.csv': '_id,text,__proto__,constructor,m\n1,a,p,c,m',
  });
  const jsonl = documentsIn(await read({ uri, include: ['*.jsonl'], columns: { ...COLUMNS, metadata } }));
  expect(JSON.stringify(jsonl[0]!.metadata)).toBe(
    '{"__proto__":{"text":"b"},"constructor":5,"m":{"__proto__":{"x":"12345678901234567890"}}}',
  );
  const csv = documentsIn(await read({ uri, include: ['b/*.csv'], columns: { ...COLUMNS, metadata } }));
  expect(JSON.stringify(csv[0]!.metadata)).toBe('{"__proto__":"p","constructor":"c","m":"m"}');
});

it('any JSON in any member is a document or a reject', async () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(Number.MAX_VALUE, 5e-324, 2 ** 53, '', ' ', '\u0000', '\u2028'),
  );
  const member = fc.constantFrom('_id', 'id', 'text', 'title', 'm', '__proto__', 'constructor', 'toJSON');
  const record = fc
    .array(fc.tuple(member, value), { maxLength: 6 })
    .map((members) => Object.fromEntries(members));
  const line = fc.oneof(
    record.map((some) => JSON.stringify(some)),
    value.map((some) => JSON.stringify(some)),
    fc.string().map((some) => some.replaceAll(/[\r\n]/g, '')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), async (lines) => {
      const uri = await corpusOf({ 'a.jsonl': [GOOD, ...lines].join('\n') });
      const columns = { ...COLUMNS, metadata: ['m', '__proto__', 'constructor', 'toJSON'] };
      const records = await read({ uri, columns });
      expect(records).toHaveLength(1 + lines.filter((some) => some.trim() !== '').length);
      for (const { code } of rejectsIn(records)) expect(REJECT_CODES).toHaveProperty(code);
      for (const document of documentsIn(records))
        expect(() => JSON.stringify(document.metadata)).not.toThrow();
    }),
    { numRuns: 60 },
  );
});

describe('SQuAD', () => {
  it.each([
    ['nested deeply', deep(300_000)],
    ['objects nested deeply', deepObject(100_000)],
    ['a gigantic number', '9'.repeat(100_000)],
    ['a key over the limit', `{"${'k'.repeat(2_000_000)}":1}`],
  ])('a member that is not read may hold anything: %s', async (_, value) => {
    const content = `{"x":${value},"data":[{"y":${value},"title":"T","paragraphs":[{"z":${value},"context":"a"},{"context":${value}},{"context":"b"}]}]}`;
    const uri = await corpusOf({ 'a.json': content });
    expect(outline(await read({ uri, format: 'squad' }))).toEqual(['a/0/0', 'MISSING_TEXT', 'a/0/2']);
  });

  it('titles may be numbers', async () => {
    const title = (spelling: string) => `{"title":${spelling},"paragraphs":[{"context":"a"}]}`;
    const content = `{"data":[${['1234567890123456789', '1.0', 'null', 'true'].map(title).join()}]}`;
    const uri = await corpusOf({ 'a.json': content });
    expect(documentsIn(await read({ uri })).map((document) => document.title)).toEqual([
      '1234567890123456789',
      '1',
      undefined,
      undefined,
    ]);
  });
});

it('a nested Parquet value that is not valid UTF-8 is a reject', async () => {
  const bad = Buffer.from([0xc3, 0x28]);
  const list = new List(new Field('item', new Binary()));
  const table = new Table({
    _id: vectorFromArray(['1', '2'], new Utf8()),
    text: vectorFromArray(['a', 'b'], new Utf8()),
    m: vectorFromArray([[bad], [Buffer.from('ok')]], list),
  });
  const uri = await corpusOf({
    'a.parquet': writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream'))),
  });
  const records = await read({ uri, columns: { ...COLUMNS, metadata: ['m'] } });
  expect(outline(records)).toEqual(['INVALID_UTF8', '2']);
});

it('metadata whose JSON would be longer than a string is refused, counted over all columns', () => {
  const converter = new JsonConverter();
  const long = 'x'.repeat(25 * 1024 * 1024);
  converter.toJson(long);
  expect(() => converter.toJson(long)).toThrow(new NoJsonFormError('size'));
});

it('white space of any length inside a heading is read in one pass', () => {
  expect(markdownTitle(`# a${' '.repeat(3_000_000)}b ##`)).toMatch(/^a +b$/);
  expect(markdownTitle(`# a${' #'.repeat(1_000_000)}`)).toMatch(/^a( #)+$/);
});

it.each([
  ['# A title #', 'A title'],
  ['# A title#', 'A title#'],
  ['## C# and F# ##', 'C# and F#'],
  ['#\tTab\t#\t', 'Tab'],
  ['# # #', '#'],
  ['####### seven\n# one', 'one'],
])('the heading of %j is %j', (text, title) => {
  expect(markdownTitle(text)).toBe(title);
});
