import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkHeads } from '../../../engine/corpus/check-heads.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { corpusOf, inputOf, plan, type Reading } from './support.js';

async function check(reading: Reading, opener = openStore as (root: string) => ObjectStore): Promise<void> {
  await checkHeads(await plan(reading), inputOf(reading), opener);
}

const records = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id: String(id), text: `text ${id} ${'x'.repeat(100)}` }));
const table = (count: number, separator = ',') =>
  ['id,text', ...records(count).map(({ id, text }) => `${id},${text}`)].join('\n').replaceAll(',', separator);

describe('an object is refused because of its head', () => {
  test.each([
    ['a.csv', 'id;text\n1;apple\n', 'INPUT_UNSUPPORTED', /no column "_id", "text"/],
    ['a.tsv', 'id,text\n1,apple\n', 'INPUT_UNSUPPORTED', /the TSV table has no column/],
    ['a.csv.gz', gzipSync('id;text\n1;apple\n'), 'INPUT_UNSUPPORTED', /no column/],
    ['a.csv', Buffer.from('id,te\xfft\n1,apple\n', 'latin1'), 'INPUT_UNSUPPORTED', /./],
    ['a.json', '[{"id": "1", "text": "apple"}]', 'INPUT_UNSUPPORTED', /list of records/],
    ['a.json', JSON.stringify(records(5000)), 'INPUT_UNSUPPORTED', /list of records/],
    ['a.json', '{\n"version": "v2.0"\n}', 'INPUT_UNSUPPORTED', /no "data" array/],
    ['a.json', '{"data": [', 'INPUT_DAMAGED', /breaks off/],
    ['a.jsonl.gz', '{"id": "1", "text": "apple"}\n', 'INPUT_DAMAGED', /gzip/],
    ['a.jsonl.zst', '{"id": "1", "text": "apple"}\n', 'INPUT_DAMAGED', /zstd/],
    ['a.txt.gz', 'apple', 'INPUT_DAMAGED', /gzip/],
    [
      'a.jsonl',
      Buffer.from('\ufeff{"id": "1", "text": "apple"}\n', 'utf16le'),
      'INPUT_UNSUPPORTED',
      /UTF-16/,
    ],
  ] as const)('if a file %s holds something else', async (name, content, code, message) => {
    const uri = await corpusOf({ 'good.txt': '', [name]: content });
    await expect(check({ uri })).rejects.toMatchObject({
      code,
      file: `${uri}/${name}`,
      message: expect.stringMatching(message),
    });
  });

  test('if it is one of many', async () => {
    const good = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}.csv`, table(1)]));
    const uri = await corpusOf({ ...good, 'z.csv': 'name\n1\n' });
    await expect(check({ uri })).rejects.toMatchObject({ file: `${uri}/z.csv` });
  });
});

test.each([
  ['a.csv', table(20_000)],
  ['a.csv', 'id,text\n'],
  ['a.tsv', table(20_000, '\t')],
  ['a.csv.gz', gzipSync(table(200_000))],
  [
    'a.json',
    JSON.stringify({ data: [{ title: 't', paragraphs: records(5000).map((r) => ({ context: r.text })) }] }),
  ],
  [
    'a.json',
    JSON.stringify({ data: [{ paragraphs: records(5000).map((r) => ({ context: r.text })), title: 't' }] }),
  ],
  [
    'a.json',
    records(3000)
      .map((record) => JSON.stringify(record))
      .join('\n'),
  ],
  [
    'a.jsonl.gz',
    gzipSync(
      records(50_000)
        .map((record) => JSON.stringify(record))
        .join('\n'),
    ),
  ],
  ['a.txt.gz', gzipSync(Buffer.from(Array.from({ length: 400_000 }, (_, n) => (n * 7919) % 251)))],
])('%s that is longer than its head, or has no record, is accepted', async (name, content) => {
  await check({ uri: await corpusOf({ [name]: content }) });
});

test('only the head of an object is fetched, and nothing of texts', async () => {
  const fetched: Record<string, number> = {};
  const counting = (root: string): ObjectStore => {
    const store = openStore(root);
    const { stream } = store;
    store.stream = async function* (key, options) {
      for await (const piece of stream.call(store, key, options)) {
        fetched[key] = (fetched[key] ?? 0) + piece.length;
        yield piece;
      }
    };
    return store;
  };
  const row = `1,${'x'.repeat(3_000_000)}\n`;
  await check(
    { uri: await corpusOf({ 'a.csv': `id,text\n${row}`, 'b.csv': table(1) }), maxDocumentBytes: 4_000_000 },
    counting,
  );
  expect(Object.values(fetched).sort((a, b) => a - b)).toEqual([table(1).length, 256 * 1024]);
  await check({ uri: await corpusOf({ 'a.md': '# A', 'b.html': '<p>B' }) }, counting);
  expect(Object.keys(fetched)).toHaveLength(2);
});
