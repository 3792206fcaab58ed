import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { Table as WasmTable, writeParquet } from 'parquet-wasm/node';
import { expect, it } from 'vitest';
import type { ObjectStore, ReadOptions } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { COLUMNS, corpusOf, outline, read } from './support.js';

const MARK = '\ufeff';
const LINES = [
  '{"_id":"1","text":"Zürich 東京 \u{1f600}","m":[12345678901234567890]}',
  '',
  'no JSON',
  '{"_id":"2","text":"\\ud83d\\ude00 a","title":"T"}',
  `{"_id":"3","text":"${'long '.repeat(60)}"}`,
  '{"_id":"4","text":"last"}',
];
const TABLE = 'id,title,text\r\n1,"a ""b""","x\r\ny"\r\n\r\n2,ü,"東京"\r\n3,c\r\n4,d,e';
const SQUAD = JSON.stringify(
  {
    version: 1,
    data: [
      { title: 'Ü', paragraphs: [{ context: '東京' }, { context: 5, deep: [[[{}]]] }] },
      { paragraphs: [{ context: 'b' }], title: 12345678901234567890n.toString() },
    ],
  },
  null,
  1,
);
/**
 * The data that the reference tool makes of LINES in two frames, with blocks flushed in between and
 * one frame with a checksum.
 */
const ZSTD =
  'KLUv/QRYkAEAeyJfaWQiOiIxIiwidGV4dCI6IlrDvHJpY2gg5p2x5LqsIPCfmIAiLCJtIjpbMTIzNDWVAgCkAzY3ODkwXX0KCm5vIEpTT04KMlx1ZDgzZFx1ZGUwMCBhIiwidGl0bGUiOiJUIn0zbG9uZyA0YXN0In0IAGCkaBmABEUpgIypdIYtoEBSt6IF2sgEeyi1L/1g2QAVBACEBgp7Il9pZCI6IjEiLCJ0ZXh0IjoiWsO8cmljaCDmnbHkuqwg8J+YgCIsIm0iOlsxMjM0NTY3ODkwXX0KCm5vIEpTT04yXHVkODNkXHVkZTAwIGFpdGxlIjoiVCJ9M2xvbmcgNGFzdCJ9CQBgpGgZgARFKYBsqnZosAr7QqF47Fag';

const OBJECTS: readonly (readonly [name: string, content: string | Uint8Array])[] = [
  ['lines.jsonl', MARK + LINES.join('\r\n')],
  ['lines.jsonl.gz', Buffer.concat([gzipSync(LINES.join('\n')), Buffer.alloc(9), gzipSync(`\n${LINES[0]}`)])],
  ['lines.jsonl.zst', Buffer.from(ZSTD, 'base64')],
  ['lines.json', MARK + LINES.join('\n')],
  ['bad-first.json', `{"_id":"1","text":"never closed\n${LINES.join('\n')}`],
  ['squad.json', MARK + SQUAD],
  ['squad.json.gz', gzipSync(SQUAD)],
  ['table.csv', MARK + TABLE],
  ['table.csv.gz', gzipSync(MARK + TABLE)],
  ['table.tsv', TABLE.replaceAll(',', '\t')],
  ['page.html', '<html><head><title>T</title></head><body><h1>Ü</h1><p>東京</p></body></html>'],
  ['page.md.gz', gzipSync(`${MARK}# Ü\n\n東京`)],
];

/** The sizes of the pieces, repeated again and again; some pieces are empty. */
const sizes = fc
  .array(fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.integer({ min: 1, max: 200 })), {
    minLength: 1,
    maxLength: 8,
  })
  .filter((pieces) => pieces.some((size) => size > 0));

it.each(OBJECTS)('%s gives the same records however its bytes are cut', async (name, content) => {
  const uri = await corpusOf({ [name]: content });
  const reading = { uri, columns: { ...COLUMNS, metadata: name.startsWith('lines') ? ['m'] : [] } };
  const whole = await read(reading);
  expect(whole.length).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(sizes, async (pieces) => {
      expect(await read({ ...reading, openStore: cutting(pieces) })).toEqual(whole);
    }),
    { numRuns: 25, examples: [[[1]]] },
  );
});

it.each([[[1]], [[1000]], [[65_536]], [[70_000]], [[0, 300_000]]])(
  'a first line longer than the pieces is still one line, in pieces of %j bytes',
  async (pieces) => {
    const line = (id: number) => JSON.stringify({ id: String(id), text: 'apple pear '.repeat(9000) });
    const uri = await corpusOf({ 'part-00000.json': `${[1, 2, 3].map(line).join('\n')}\n` });
    expect(outline(await read({ uri, openStore: cutting(pieces) }))).toEqual(['1', '2', '3']);
  },
);

it.each([[[997]], [[65_537]]])(
  'a Parquet column that is streamed gives the same rows, in pieces of %j bytes',
  async (pieces) => {
    // The text is longer than what is fetched at once.
    const count = 30;
    const text = Array.from({ length: count }, (_, index) => `${index} ${randomText(index, 50_000)}`);
    const table = tableFromArrays({ _id: text.map((_, index) => `${index}`), text });
    const uri = await corpusOf({
      'a.parquet': writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream'))),
    });
    const whole = await read({ uri });
    expect(whole).toHaveLength(count);
    expect(await read({ uri, openStore: cutting(pieces) })).toEqual(whole);
  },
);

it.each([
  ['SQuAD on one line', `{"version":"1","data":[{"paragraphs":[{"context":"a"}]}]}`, ['a/0/0']],
  [
    'SQuAD behind a long member',
    `{"v":"${'x'.repeat(99_000)}","data":[{"paragraphs":[{"context":"a"}]}]}`,
    ['a/0/0'],
  ],
  [
    'SQuAD with records on lines',
    '{"meta":[\n{"_id":"1"}\n],"data":[{"paragraphs":[{"context":"a"}]}]}',
    ['a/0/0'],
  ],
  ['one record', '{"_id":"1","text":"a"}', ['1']],
  [
    'a record that is nested deeply',
    `{"_id":"1","text":"a","n":${'['.repeat(5000)}${']'.repeat(5000)}}\n`,
    ['1'],
  ],
  ['a bad first line', 'nope\n{"_id":"2","text":"a"}\n', ['BAD_JSON', '2']],
  ['a first line that breaks off in a list', '{"_id":"1","m":[\n{"_id":"2","text":"a"}', ['BAD_JSON', '2']],
  ['a first line that is a list', '[1]\n{"_id":"2","text":"a"}', ['BAD_JSON', '2']],
  [
    'a first line over the limit',
    `{"_id":"1","text":"${'x'.repeat(2e6)}"}\n{"_id":"2","text":"a"}`,
    ['TOO_LARGE', '2'],
  ],
])('the format of a .json object is recognised: %s', async (_, content, expected) => {
  const uri = await corpusOf({ 'a.json': content });
  expect(outline(await read({ uri }))).toEqual(expected);
});

it.each([
  ['a list of records', '[{"_id":"1","text":"a"}]', 'INPUT_UNSUPPORTED'],
  ['a long list of records', JSON.stringify(Array(9000).fill({ _id: '1', text: 'a' })), 'INPUT_UNSUPPORTED'],
  ['an object over many lines without data', '{\n"a":\n{"b":1}\n}', 'INPUT_UNSUPPORTED'],
  ['SQuAD cut short', '{"data":[{"paragraphs":[{"context":"a"}', 'INPUT_DAMAGED'],
])('a .json object in neither format stops the job: %s', async (_, content, code) => {
  const uri = await corpusOf({ 'a.json': content });
  await expect(read({ uri })).rejects.toMatchObject({ code, remedy: expect.stringContaining('jsonl') });
});

/** Returns an opener whose stores hand over their bytes in pieces of these sizes. */
function cutting(pieces: readonly number[]): (root: string) => ObjectStore {
  return (root) => {
    const store = openStore(root);
    return {
      root: store.root,
      head: (key) => store.head(key),
      get: (key, options) => store.get(key, options),
      stream: async function* (key: string, options?: ReadOptions) {
        const bytes = await store.get(key, options);
        for (let at = 0, index = 0; at < bytes.length; index += 1) {
          const size = pieces[index % pieces.length]!;
          yield bytes.subarray(at, at + size);
          at += size;
        }
      },
      put: (key, body, options) => store.put(key, body, options),
      list: (prefix) => store.list(prefix),
      delete: (key) => store.delete(key),
      close: () => store.close(),
    };
  };
}

function randomText(seed: number, length: number): string {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 0x7fffffff;
    return String.fromCharCode(97 + (state % 26));
  }).join('');
}
