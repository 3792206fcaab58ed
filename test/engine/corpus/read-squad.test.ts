import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../../engine/corpus/json-scanner.js';
import { corpusOf, documentsIn, outline, read, rejectsIn } from './support.js';

function squad(...articles: unknown[]): string {
  return JSON.stringify({ version: '1.1', data: articles });
}

it('paragraphs are documents with the title of their article, wherever it stands', async () => {
  const uri = await corpusOf({
    'dev/a.json': JSON.stringify(
      {
        data: [
          { title: 'First', paragraphs: [{ context: 'one', qas: [{ question: 'q', context: 'no' }] }] },
          { paragraphs: [{ qas: [], context: 'two' }, { context: 'thr\u00e9\n"e"' }], title: 'Second' },
          { paragraphs: [{ context: 'four' }] },
        ],
        version: '1.1',
      },
      null,
      2,
    ),
  });
  expect(documentsIn(await read({ uri }))).toEqual([
    { id: 'dev/a/0/0', title: 'First', text: 'one' },
    { id: 'dev/a/1/0', title: 'Second', text: 'two' },
    { id: 'dev/a/1/1', title: 'Second', text: 'thr\u00e9\n"e"' },
    { id: 'dev/a/2/0', text: 'four' },
  ]);
});

it('an object named by the URI gives ids that begin with its own name', async () => {
  const uri = await corpusOf({ 'a.json': squad({ paragraphs: [{ context: 'one' }] }) });
  expect(outline(await read({ uri: `${uri}/a.json` }))).toEqual(['a/0/0']);
});

it('each fault of a paragraph is quarantined under its id and place', async () => {
  const text = squad({
    title: 'T',
    paragraphs: [
      { context: 'ok' },
      { qas: [] },
      { context: 5 },
      { context: '  ' },
      { context: 'x'.repeat(300) },
      { context: 'half \ud800' },
      'no object',
      { context: 'BYTES' },
      { context: 'ESCAPE' },
      { context: 'last' },
    ],
  });
  const [before, after] = text.replace('ESCAPE', '\\q').split('BYTES') as [string, string];
  const content = Buffer.concat([Buffer.from(before), Buffer.from([0xc3, 0x28]), Buffer.from(after)]);
  const uri = await corpusOf({ 'a.json': content });
  const records = await read({ uri, maxDocumentBytes: 200 });
  expect(outline(records)).toEqual([
    'a/0/0',
    'MISSING_TEXT',
    'MISSING_TEXT',
    'EMPTY_TEXT',
    'TOO_LARGE',
    'INVALID_UTF8',
    'MISSING_TEXT',
    'INVALID_UTF8',
    'BAD_JSON',
    'a/0/9',
  ]);
  const [missing] = rejectsIn(records);
  expect(missing?.id).toBe('a/0/1');
  expect(content.subarray(missing?.position.at).toString()).toMatch(/^\{"qas"/);
});

it('a context of 50 MB is skipped', async () => {
  const uri = await corpusOf({
    'a.json': squad({
      paragraphs: [{ context: 'a' }, { context: 'x'.repeat(50 * 1024 * 1024) }, { context: 'b' }],
    }),
  });
  expect(outline(await read({ uri }))).toEqual(['a/0/0', 'TOO_LARGE', 'a/0/2']);
});

it('compressed SQuAD keeps its whole name in ids and counts paragraphs', async () => {
  const uri = await corpusOf({ 'a.json.gz': gzipSync(squad({ paragraphs: [{ context: 'a' }, {}] })) });
  const records = await read({ uri });
  expect(outline(records)).toEqual(['a.json.gz/0/0', 'MISSING_TEXT']);
  expect(rejectsIn(records)[0]?.position).toMatchObject({ unit: 'row', at: 1 });
});

it.each([
  ['cut short', squad({ paragraphs: [{ context: 'a' }] }).slice(0, -3)],
  ['with more after its end', `${squad({ paragraphs: [{ context: 'a' }] })} {}`],
  ['with a comma too many', '{"data":[{"paragraphs":[{"context":"a"},]}]}'],
])('an object %s is INPUT_DAMAGED', async (_, content) => {
  const uri = await corpusOf({ 'a.json': content });
  await expect(read({ uri })).rejects.toMatchObject({ code: 'INPUT_DAMAGED', file: `${uri}/a.json` });
});

it.each([
  ['an array of records', '[{"_id":"1","text":"a"}]'],
  ['an object without articles', '{\n"name": "package"\n}'],
])('%s is INPUT_UNSUPPORTED, and the error says what to do', async (_, content) => {
  const uri = await corpusOf({ 'a.json': content });
  await expect(read({ uri })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    remedy: expect.stringContaining('jsonl'),
  });
});

it('JSON lines under the name .json are read as JSON lines', async () => {
  const uri = await corpusOf({ 'a.json': '{"_id":"1","text":"a"}\n{"_id":"2","text":"b"}\n' });
  expect(outline(await read({ uri }))).toEqual(['1', '2']);
  expect(outline(await read({ uri, format: 'jsonl' }))).toEqual(['1', '2']);
  await expect(read({ uri, format: 'squad' })).rejects.toMatchObject({ code: 'INPUT_DAMAGED' });
});

it('the scanner accepts what JSON.parse accepts, in pieces of any size, and reports the same strings', () => {
  const mutation = fc.option(
    fc.tuple(fc.nat(200), fc.constantFrom('"', ',', '}', ']', '{', '1', 'x', ' ', ':')),
  );
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 1, max: 9 }), mutation, (json, size, change) => {
      const text = change ? json.slice(0, change[0]) + change[1] + json.slice(change[0]) : json;
      expect(scan(Buffer.from(text), size)).toEqual(parse(text));
    }),
    { numRuns: 2000 },
  );
});

/** Collects keys and strings in order; undefined if the text is not JSON. */
function scan(bytes: Uint8Array, size: number): unknown[] | undefined {
  const strings: unknown[] = [];
  const keep = (spelling: Uint8Array | undefined) => {
    strings.push(JSON.parse(Buffer.from(spelling!).toString()));
  };
  const ignore = () => {};
  const scanner = new JsonScanner(
    { open: ignore, close: ignore, scalar: ignore, key: keep, string: keep },
    1e6,
  );
  try {
    for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
    scanner.end();
    return strings;
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown[] | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return (text.match(/"(?:[^"\\]|\\.)*"/g) ?? []).map((spelling) => JSON.parse(spelling));
}

const xquad = new URL('../../../../shared/data/xquad/', import.meta.url);

describe.skipIf(!existsSync(xquad))('XQuAD', () => {
  it.each(['en', 'zh'])('%s has 240 paragraphs with titles', async (language) => {
    const path = fileURLToPath(new URL(`xquad.${language}.json`, xquad));
    const documents = documentsIn(await read({ uri: `file://${path}` }));
    type Article = { title: string; paragraphs: { context: string }[] };
    const { data } = JSON.parse(readFileSync(path, 'utf8')) as { data: Article[] };
    expect(documents).toHaveLength(240);
    expect(documents).toEqual(
      data.flatMap(({ title, paragraphs }, article) =>
        paragraphs.map(({ context }, index) => ({
          id: `xquad.${language}/${article}/${index}`,
          title,
          text: context,
        })),
      ),
    );
  });
});
