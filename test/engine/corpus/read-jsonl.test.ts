import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CorpusRecord } from '../../../core/document.js';
import type { Shard } from '../../../core/plan.js';
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

/** Cuts the one slice of a planned object at the given places. */
function cutAt([whole]: Shard[], places: readonly number[]): Shard[] {
  const slice = whole!.slices[0]!;
  const edges = [...new Set([0, ...places.map((place) => place % slice.objectBytes), slice.objectBytes])];
  edges.sort((a, b) => a - b);
  return edges.slice(1).map((end, index) => ({
    shard: index,
    slices: [{ ...slice, start: edges[index]!, end, bytes: end - edges[index]! }],
  }));
}

function withoutOrdinals(records: readonly CorpusRecord[]): unknown[] {
  return records.map((record) =>
    record.kind === 'document' ? { ...record, ordinal: 0 } : { ...record.reject, ordinal: 0 },
  );
}

const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(999), fc.string({ unit: 'grapheme' }))
      .map(([id, text]) => JSON.stringify({ _id: `${id}`, text: `${text}.` })),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '  ', '{"broken', '[]', '{"_id":"x"}') },
);

it('wherever an object is cut, its slices hold its records once each and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.nat(5000), { maxLength: 8 }),
      async (lines, newline, isTerminated, places) => {
        const content = lines.join(newline) + (isTerminated ? newline : '.');
        const uri = await corpusOf({ 'a.jsonl': content });
        const whole = await plan({ uri });
        const expected = await collectRecords(whole, { uri });
        const actual = await collectRecords(cutAt(whole, places), { uri });
        expect(withoutOrdinals(actual)).toEqual(withoutOrdinals(expected));
      },
    ),
    { numRuns: 150 },
  );
});

it('records come with ordinals that count across slices, and with the byte at which they begin', async () => {
  const uri = await corpusOf({
    'a.jsonl': '\n{"_id":"1","text":"é"}\r\n\r\nnope\n{"_id":"2","text":"b"}',
    'b.jsonl': '{"_id":"3","text":"c"}\n',
  });
  const records = await read({ uri });
  expect(
    records.map((record) => {
      const { position, ordinal } = record.kind === 'document' ? record : record.reject;
      return [ordinal, position.uri.slice(-7), position.unit, position.at];
    }),
  ).toEqual([
    [0, 'a.jsonl', 'byte', 1],
    [1, 'a.jsonl', 'byte', 28],
    [2, 'a.jsonl', 'byte', 33],
    [3, 'b.jsonl', 'byte', 0],
  ]);
});

it('a byte order mark and a last line without a newline are no faults', async () => {
  const uri = await corpusOf({ 'a.jsonl': '\ufeff{"_id":"1","text":"a"}\n{"_id":"2","text":"b"}' });
  expect(outline(await read({ uri }))).toEqual(['1', '2']);
});

it('each fault of a line is quarantined under its own code, and reading goes on', async () => {
  const bad = Buffer.from('{"_id":"u","text":"\xff"}\n', 'latin1');
  const lines = [
    '{"_id":"first","text":"ok"}',
    '{"_id":"j","text":"cut off',
    '["_id","text"]',
    'null',
    '{"text":"no id"}',
    '{"_id":"","text":"empty id"}',
    '{"_id":{},"text":"object id"}',
    '{"_id":"t1"}',
    '{"_id":"t2","text":["a"]}',
    '{"_id":"e1","text":""}',
    '{"_id":"e2","text":" \\u00a0\\n"}',
    '{"_id":"s","text":"half \\ud800 pair"}',
    '{"_id":"\\udc00","text":"half pair id"}',
    `{"_id":"l","text":"${'x'.repeat(200)}"}`,
    '{"_id":"last","text":"ok"}',
  ];
  const uri = await corpusOf({ 'a.jsonl': Buffer.concat([bad, Buffer.from(lines.join('\n'))]) });
  const records = await read({ uri, maxDocumentBytes: 150 });
  expect(outline(records)).toEqual([
    'INVALID_UTF8',
    'first',
    'BAD_JSON',
    'BAD_JSON',
    'BAD_JSON',
    'MISSING_ID',
    'MISSING_ID',
    'MISSING_ID',
    'MISSING_TEXT',
    'MISSING_TEXT',
    'EMPTY_TEXT',
    'EMPTY_TEXT',
    'INVALID_UTF8',
    'INVALID_UTF8',
    'TOO_LARGE',
    'last',
  ]);
  const rejects = rejectsIn(records);
  expect(rejects.find(({ code }) => code === 'MISSING_TEXT')?.id).toBe('t1');
  expect(JSON.stringify(rejects)).not.toMatch(/cut off|no id|xxx|half \\/);
});

it('ids may be numbers, exact beyond what a double holds', async () => {
  const uri = await corpusOf({
    'a.jsonl': [
      '{"_id":7,"text":"a"}',
      '{"nested":{"_id":5},"text":"b","_id":9007199254740993}',
      '{"_id":9007199254740992,"text":"c"}',
      '{"id":1.5,"text":"d"}',
      '{"_id":null,"id":"fallback","text":"e"}',
      '{"_id":1e999,"text":"f"}',
    ].join('\n'),
  });
  expect(outline(await read({ uri }))).toEqual([
    '7',
    '9007199254740993',
    '9007199254740992',
    '1.5',
    'fallback',
    '1e999',
  ]);
});

it('columns are mapped as the job says, and only those', async () => {
  const uri = await corpusOf({
    'a.jsonl':
      '{"_id":"x","pk":"1","body":"text","head":"A title","year":2020,"tags":["a"],"more":1}\n' +
      '{"_id":"x","body":"text","head":"A title"}\n' +
      '{"pk":"3","body":"text","head":null,"constructor":"own"}',
  });
  const columns = { id: 'pk', text: 'body', title: 'head', metadata: ['year', 'tags', 'constructor'] };
  const records = await read({ uri, columns });
  expect(documentsIn(records)).toEqual<unknown[]>([
    { id: '1', text: 'text', title: 'A title', metadata: { year: 2020, tags: ['a'] } },
    { id: '3', text: 'text', metadata: { constructor: 'own' } },
  ]);
  expect(rejectsIn(records).map(({ code }) => code)).toEqual(['MISSING_ID']);
});

it('half a surrogate pair in a title or in metadata is quarantined too', async () => {
  const uri = await corpusOf({
    'a.jsonl':
      '{"_id":"1","text":"a","title":"\\ud800"}\n{"_id":"2","text":"a","m":{"\\udc00":1}}\n{"_id":"3","text":"\\ud83d\\ude00"}',
  });
  const records = await read({ uri, columns: { ...COLUMNS, metadata: ['m'] } });
  expect(outline(records)).toEqual(['INVALID_UTF8', 'INVALID_UTF8', '3']);
});

it('a line of exactly the limit is read, and one more byte is too large, with either newline', async () => {
  const row = '{"_id":"1","text":"a"}';
  for (const newline of ['\n', '\r\n']) {
    const uri = await corpusOf({ 'a.jsonl': `${row}${newline}${row} ${newline}${row}` });
    expect(outline(await read({ uri, maxDocumentBytes: row.length }))).toEqual(['1', 'TOO_LARGE', '1']);
  }
});

it('a slice fetches little more than its own bytes', async () => {
  const lines = Array.from(
    { length: 4000 },
    (_, index) => `{"_id":"${index}","text":"${'word '.repeat(50)}"}`,
  );
  const uri = await corpusOf({ 'a.jsonl': lines.join('\n') });
  const [whole] = await plan({ uri });
  const counting = countingOpener();
  const reading = { uri, openStore: counting.openStore };
  const shards = cutAt([whole!], [400_000, 500_000]);
  await collectRecords([shards[1]!], reading);
  expect(counting.bytes()).toBeGreaterThanOrEqual(100_000);
  expect(counting.bytes()).toBeLessThan(100_000 + 20_000);
});

it('a slice inside one huge line reads no further than its own end', async () => {
  const huge = `{"_id":"huge","text":"${'x'.repeat(3_000_000)}"}\n{"_id":"next","text":"a"}`;
  const uri = await corpusOf({ 'a.jsonl': huge });
  const whole = await plan({ uri });
  const [first, second, third] = cutAt(whole, [1_000_000, 2_000_000]);
  const counting = countingOpener();
  const reading = { uri, openStore: counting.openStore };
  expect(outline(await collectRecords([first!], reading))).toEqual(['TOO_LARGE']);
  expect(await collectRecords([second!], reading)).toEqual([]);
  expect(counting.bytes()).toBeLessThan(2_200_000);
  expect(outline(await collectRecords([third!], reading))).toEqual(['next']);
});

it('a line of 50 MB between two documents is skipped', async () => {
  const filler = Buffer.alloc(50 * 1024 * 1024, 'x');
  const content = Buffer.concat([
    Buffer.from('{"_id":"1","text":"a"}\n{"_id":"2","text":"'),
    filler,
    Buffer.from('"}\n{"_id":"3","text":"c"}\n'),
  ]);
  const uri = await corpusOf({ 'a.jsonl': content, 'b.jsonl.gz': gzipSync(content, { level: 1 }) });
  expect(outline(await read({ uri }))).toEqual(['1', 'TOO_LARGE', '3', '1', 'TOO_LARGE', '3']);
});
