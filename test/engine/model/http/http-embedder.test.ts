import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { loadTiktoken } from '../../../../engine/tokenizer/tiktoken-tokenizer.js';
import {
  changed,
  chargeFor,
  type Misbehaviour,
  rightAnswer,
  sendJson,
  status,
  vectorOf,
} from '../../../support/embedding-server.js';
import { rejectionOf, useProvider } from './support.js';

const provider = useProvider();
const texts = (count: number) => Array.from({ length: count }, (_, i) => `text number ${i}`);
const expected = (of: readonly string[]) => Float32Array.from(of.flatMap((text) => vectorOf(text)));

describe('an embedding by a provider', () => {
  test('has the vectors in the order of the texts, whichever request returned them', async () => {
    const embedder = await provider.embedder({ max_batch_texts: 7 });
    const { vectors, tokens, paddingTokens, billedTokens } = await embedder.embed(texts(50));
    expect(vectors).toEqual(expected(texts(50)));
    expect({ tokens, paddingTokens, billedTokens }).toEqual({
      tokens: 200,
      paddingTokens: 0,
      billedTokens: chargeFor(texts(50)),
    });
    expect(provider.server.seen.map(({ body }) => body.input.length).sort()).toEqual([
      1, 7, 7, 7, 7, 7, 7, 7,
    ]);
  });

  test('sends no request for no texts', async () => {
    const { vectors } = await (await provider.embedder()).embed([]);
    expect([vectors.length, provider.server.seen]).toEqual([0, []]);
  });

  test("sends requests in OpenAI's form, with the key only in the header", async () => {
    await (await provider.embedder()).embed(['a']);
    const [{ method, path, headers, body }] = provider.server.seen as [(typeof provider.server.seen)[0]];
    expect({ method, path, body }).toEqual({
      method: 'POST',
      path: '/v1/embeddings',
      body: { model: 'a-model', input: ['a'], encoding_format: 'float' },
    });
    expect(headers.authorization).toBe('Bearer sk-marker-Zq7vX2');
    await (await provider.embedder({ key_env: undefined })).embed(['a']);
    expect(provider.server.seen[1]!.headers.authorization).toBeUndefined();
  });

  test('passes on dimensions that are asked for, and only those', async () => {
    const embedder = await provider.embedder({}, { dimensions: 5 });
    expect((await embedder.embed(['a'])).vectors).toEqual(Float32Array.from(vectorOf('a', 5)));
    expect(provider.server.seen[0]!.body.dimensions).toBe(5);
  });

  test('fills requests by tokens, and sends a text with more tokens than a request may have alone', async () => {
    const embedder = await provider.embedder({ max_batch_tokens: 10, concurrency: 1 });
    await embedder.embed(['a b c d', 'a b c d', 'a b c d', 'a b c d e f g h i j k l', 'a']);
    expect(provider.server.seen.map(({ body }) => body.input.length)).toEqual([2, 1, 1, 1]);
  });

  test('cuts texts by tokens, with the prompt', async () => {
    const embedder = await provider.embedder({}, { maxTokens: 4, prompts: { query: 'q: ' } });
    await embedder.embed(['one two three four five six', 'x'], { prompt: 'query' });
    expect(provider.server.seen[0]!.body.input).toEqual(['q: one two', 'q: x']);
  });

  test('sends a text within the limit even if its cut prefix has more tokens when it is alone', async () => {
    const tokenizer = await loadTiktoken('cl100k_base');
    const text = '👩‍👩‍👧‍👦'.repeat(40);
    for (const maxTokens of [1, 2, 3, 5, 8, 13]) {
      await (await provider.embedder({}, { maxTokens })).embed([text]);
      const sent = provider.server.seen.at(-1)!.body.input[0];
      expect((await tokenizer.encode([sent], maxTokens))[0]!.truncated).toBe(false);
      expect(sent.isWellFormed() && sent !== '').toBe(true);
    }
  });

  test('sends a space for an empty text, and U+FFFD for half a surrogate pair', async () => {
    await (await provider.embedder()).embed(['', 'a\ud800']);
    expect(provider.server.seen[0]!.body.input).toEqual([' ', 'a\ufffd']);
  });

  test('keeps as many requests in flight as it may, and no more', async () => {
    let release = () => {};
    provider.server.hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    const embedder = await provider.embedder({ max_batch_texts: 1, concurrency: 3 });
    const embedding = embedder.embed(texts(9));
    while (provider.server.inFlight.now < 3) await new Promise((resolve) => setImmediate(resolve));
    release();
    await embedding;
    expect(provider.server.inFlight.most).toBe(3);
  });

  test('reports its progress', async () => {
    const done = { rows: 0, tokens: 0 };
    await (await provider.embedder({ max_batch_texts: 4 })).embed(texts(9), {
      onProgress: ({ rows, tokens }) => {
        done.rows += rows;
        done.tokens += tokens;
      },
    });
    expect(done).toEqual({ rows: 9, tokens: 36 });
  });

  test('leaves vectors as they come, and gives them length 1 only if that is asked for', async () => {
    const length = async (more: Record<string, unknown>) =>
      Math.hypot(...(await (await provider.embedder(more)).embed(['a'])).vectors);
    expect(await length({})).toBeCloseTo(Math.hypot(...vectorOf('a')), 6);
    expect(await length({ normalize: true })).toBeCloseTo(1, 6);
  });

  test('paces requests by the limits of the provider', async () => {
    const embedder = await provider.embedder({ max_batch_texts: 1, concurrency: 1, requests_per_minute: 20 });
    await embedder.embed(texts(5));
    expect(provider.time.slept).toEqual([6000, 6000]);
    const byTokens = await provider.embedder({ concurrency: 1, tokens_per_minute: 80 });
    provider.time.slept.length = 0;
    // Eight tokens take six seconds: two texts of four.
    await byTokens.embed(texts(5));
    expect(provider.server.seen.slice(-3).map(({ body }) => body.input.length)).toEqual([2, 2, 1]);
    expect(provider.time.slept).toEqual([6000, 6000]);
  });
});

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
    expect((await (await provider.embedder()).embed(texts(5))).vectors).toEqual(expected(texts(5)));
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
    expect((await (await provider.embedder()).embed(texts(5))).billedTokens).toBe(20);
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
    const failure = await rejectionOf((await provider.embedder()).embed(texts(5)));
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
    const failure = await rejectionOf(embedder.embed(texts(10)));
    expect(failure).toMatchObject({ position: 7, message: expect.stringContaining('for text 7') });
  });
});

describe('a request that is refused for its content', () => {
  /** Behaves like a server with a limit of two texts, which may also refuse a single text. */
  const atMostTwo =
    (code: number, refused?: string): Misbehaviour =>
    (response, request) =>
      request.body.input.length > 2 || request.body.input.includes(refused)
        ? status(code, { type: 'invalid_request_error' })(response, request)
        : changed(() => undefined)(response, request);

  test.each([400, 413, 422])('with %d is divided until it is accepted', async (code) => {
    provider.server.always = atMostTwo(code);
    const { vectors, billedTokens } = await (await provider.embedder()).embed(texts(11));
    expect(vectors).toEqual(expected(texts(11)));
    expect(billedTokens).toBe(chargeFor(texts(11)));
  });

  test('fails with the number of the text if it is refused for one of its texts', async () => {
    provider.server.always = atMostTwo(400, 'text number 6');
    const failure = await rejectionOf((await provider.embedder()).embed(texts(11)));
    expect(failure).toMatchObject({
      code: 'PROVIDER_REFUSED',
      position: 6,
      message: expect.stringMatching(/answered 400 \(invalid_request_error\), for text 6$/),
    });
  });
});

describe('an embedding that is cancelled', () => {
  test('before it begins sends no request', async () => {
    const embedding = (await provider.embedder()).embed(texts(3), { signal: AbortSignal.abort() });
    expect((await rejectionOf(embedding)).code).toBe('CANCELLED');
    expect(provider.server.seen).toEqual([]);
  });

  test('stops waiting for an answer', async () => {
    provider.server.hold = new Promise(() => {});
    const stop = new AbortController();
    const embedding = (await provider.embedder()).embed(texts(3), { signal: stop.signal });
    while (provider.server.inFlight.now < 1) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect((await rejectionOf(embedding)).code).toBe('CANCELLED');
    while (provider.server.inFlight.now > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('stops waiting before another attempt', async () => {
    provider.server.always = status(503, {}, { 'retry-after': '600' });
    const stop = new AbortController();
    provider.time.sleep = async (_, signal) => {
      stop.abort();
      signal?.throwIfAborted();
    };
    const embedding = (await provider.embedder()).embed(texts(3), { signal: stop.signal });
    expect((await rejectionOf(embedding)).code).toBe('CANCELLED');
    expect(provider.server.seen.length).toBe(1);
  });

  test('after one request has failed has no other request left', async () => {
    const embedder = await provider.embedder({ max_batch_texts: 1, concurrency: 4 });
    provider.server.hold = new Promise(() => {});
    provider.server.misbehave(status(401));
    expect((await rejectionOf(embedder.embed(texts(40)))).code).toBe('PROVIDER_DENIED');
    while (provider.server.inFlight.now > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(provider.server.seen.length).toBeLessThanOrEqual(4);
  });
});
