import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  changed,
  type Misbehaviour,
  rightAnswer,
  sendJson,
  vectorOf,
} from '../../../support/embedding-server.js';
import { numberedTexts, rejectionOf, useProvider, vectorsOf } from './support.js';

const provider = useProvider();

/** Removes the index of some texts. */
function withoutIndex(data: { index: number }[], texts: readonly number[]): void {
  for (const item of data) if (texts.includes(item.index)) Reflect.deleteProperty(item, 'index');
}

describe('an answer', () => {
  test.each<[string, Misbehaviour]>([
    ['in another order', changed(({ data }) => void data.reverse())],
    [
      'in base64',
      changed(({ data }) => {
        for (const item of data)
          item.embedding = Buffer.from(Float32Array.from(item.embedding as number[]).buffer).toString(
            'base64',
          );
      }),
    ],
    ['without the index of 0', changed(({ data }) => withoutIndex(data, [0]))],
    ['without the index of another', changed(({ data }) => withoutIndex(data, [3]))],
    ['without the index of one, in another order', changed(({ data }) => withoutIndex(data.reverse(), [2]))],
    ['without any index', changed(({ data }) => withoutIndex(data, [0, 1, 2, 3, 4]))],
    ['with null as one index', changed(({ data }) => void Object.assign(data[0]!, { index: null }))],
    [
      'with null as every index',
      changed(({ data }) => data.forEach((item) => void Object.assign(item, { index: null }))),
    ],
    [
      'with indexes as text',
      changed(({ data }) => data.forEach((item) => void Object.assign(item, { index: String(item.index) }))),
    ],
    [
      'of little but vectors',
      changed(({ data }) => ({ data: data.map(({ embedding }) => ({ embedding })) })),
    ],
    [
      'with fields that nobody knows, and another model',
      changed((answer) => ({ ...answer, id: 'x', model: 'models/other', warnings: [], error: null })),
    ],
    [
      'compressed',
      (response, request) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(gzipSync(JSON.stringify(rightAnswer(request))));
      },
    ],
    [
      'after a byte-order mark',
      (response, request) => sendJson(response, 200, `\uFEFF${JSON.stringify(rightAnswer(request))}`),
    ],
    ['with status 201', (response, request) => sendJson(response, 201, rightAnswer(request))],
    [
      'in pieces, after empty lines',
      (response, request) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('\n\n');
        for (const piece of JSON.stringify(rightAnswer(request)).match(/.{1,99}/gs)!) response.write(piece);
        response.end('\n');
      },
    ],
    [
      'of another content type',
      (response, request) => {
        response.setHeader('content-type', 'text/plain');
        changed(() => undefined)(response, request);
      },
    ],
  ])('%s can be used like any other', async (_, misbehaviour) => {
    provider.server.misbehave(misbehaviour);
    expect((await (await provider.embedder()).embed(numberedTexts(5))).vectors).toEqual(
      vectorsOf(numberedTexts(5)),
    );
  });

  test.each<[string, unknown]>([
    ['no usage', undefined],
    ['usage that is no count', { total_tokens: -3, prompt_tokens: 'many' }],
    ['usage that is null', null],
    ['usage that is a text', 'none'],
    ['usage without counts', {}],
    ['counts that are null', { total_tokens: null, prompt_tokens: null }],
    ['0 for texts that have tokens', { total_tokens: 0, prompt_tokens: 0 }],
  ])('with %s is charged by our own count', async (_, usage) => {
    provider.server.misbehave(changed((answer) => ({ ...answer, usage })));
    expect((await (await provider.embedder()).embed(numberedTexts(5))).billedTokens).toBe(20);
  });

  const eachIndex = (change: (index: number) => unknown): Misbehaviour =>
    changed(({ data, ...rest }) => ({
      ...rest,
      data: data.map((one) => ({ ...one, index: change(one.index) })),
    }));
  const item = (at: number, fields: object | null): Misbehaviour =>
    changed(({ data, ...rest }) => ({ ...rest, data: data.with(at, { ...data[at]!, ...fields }) }));
  const embedding = (value: unknown) => item(2, { embedding: value });
  const numbers = (last: unknown) => [...vectorOf('x').slice(1), last];
  test.each<[string, Misbehaviour, string, number | undefined]>([
    [
      'too few vectors',
      changed(({ data }) => ({ data: data.slice(1) })),
      '4 vectors came for 5 texts',
      undefined,
    ],
    [
      'too many vectors',
      changed(({ data }) => ({ data: [...data, data[0]] })),
      '6 vectors came for 5',
      undefined,
    ],
    ['no vectors', changed(() => ({ data: [] })), '0 vectors came', undefined],
    ['an index twice', item(4, { index: 1 }), 'one index', 1],
    ['an index too high', item(4, { index: 5 }), 'none of a text', undefined],
    ['an index below 0', item(4, { index: -1 }), 'none of a text', undefined],
    ['an index between two texts', item(4, { index: 3.5 }), 'none of a text', undefined],
    ['an index in words', item(4, { index: 'four' }), 'none of a text', undefined],
    ['an index that is a boolean', item(1, { index: true }), 'none of a text', undefined],
    ['indexes from 1', eachIndex((index) => index + 1), 'none of a text', undefined],
    ['0 as every index', eachIndex(() => 0), 'one index', 0],
    [
      'two indexes left out',
      eachIndex((index) => (index < 2 ? undefined : index)),
      '2 of 5 vectors',
      undefined,
    ],
    ['null as two indexes', eachIndex((index) => (index > 2 ? null : index)), '2 of 5 vectors', undefined],
    [
      'one index left out, and one twice',
      eachIndex((index) => [undefined, 1, 1, 3, 4][index]),
      'one index',
      1,
    ],
    [
      'null in place of an item',
      changed(({ data }) => ({ data: data.map(() => null) })),
      'no list of numbers',
      0,
    ],
    ['vectors of tokens', embedding([vectorOf('x'), vectorOf('y')]), 'do not pool', 2],
    ['a short vector', embedding(vectorOf('x').slice(1)), '7 numbers where 8', 2],
    ['a long vector', embedding([...vectorOf('x'), 0]), '9 numbers where 8', 2],
    ['an empty vector', embedding([]), 'no numbers', 2],
    ['null in place of a vector', embedding(null), 'no list of numbers', 2],
    ['null in a vector', embedding(numbers(null)), 'not numbers', 2],
    ['a text in a vector', embedding(numbers('0.5')), 'not numbers', 2],
    ['a number that float32 cannot hold', embedding(numbers(1e300)), 'not finite', 2],
    [
      'NaN in base64',
      embedding(Buffer.from(new Float32Array(8).fill(Number.NaN).buffer).toString('base64')),
      'not finite',
      2,
    ],
    ['base64 that is none', embedding('not base64!'), 'no base64', 2],
    ['base64 of half a number', embedding(Buffer.alloc(30).toString('base64')), 'no base64', 2],
    [
      'NaN written as Python writes it',
      (response, request) => {
        const body = JSON.stringify(rightAnswer(request));
        sendJson(response, 200, body.replace(/(?<="embedding":\[)[^,]+/, 'NaN'));
      },
      'not numbers',
      0,
    ],
  ])('with %s is not used, and the request is not repeated', async (_, misbehaviour, message, position) => {
    provider.server.misbehave(misbehaviour);
    const failure = await rejectionOf((await provider.embedder()).embed(numberedTexts(5)));
    expect(failure).toMatchObject({ code: 'VECTOR_INVALID', message: expect.stringContaining(message) });
    expect(failure.position).toBe(position);
    expect(provider.server.seen.length).toBe(1);
  });

  test('with a bad vector is refused with the number of its text in the call', async () => {
    const embedder = await provider.embedder({ max_batch_texts: 5, concurrency: 1 });
    provider.server.misbehave(
      changed(() => undefined),
      embedding(null),
    );
    const failure = await rejectionOf(embedder.embed(numberedTexts(10)));
    expect(failure).toMatchObject({ position: 7, message: expect.stringContaining('for text 7') });
  });
});
