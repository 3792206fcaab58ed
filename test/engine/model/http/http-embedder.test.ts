import { describe, expect, test } from 'vitest';
import { loadTiktoken } from '../../../../engine/tokenizer/tiktoken-tokenizer.js';
import {
  changed,
  chargeFor,
  type Misbehaviour,
  status,
  vectorOf,
} from '../../../support/embedding-server.js';
import { numberedTexts, rejectionOf, useProvider, vectorsOf } from './support.js';

const provider = useProvider();

describe('an embedding by a provider', () => {
  test('has the vectors in the order of the texts, whichever request returned them', async () => {
    const embedder = await provider.embedder({ max_batch_texts: 7 });
    const { vectors, tokens, paddingTokens, billedTokens } = await embedder.embed(numberedTexts(50));
    expect(vectors).toEqual(vectorsOf(numberedTexts(50)));
    expect({ tokens, paddingTokens, billedTokens }).toEqual({
      tokens: 200,
      paddingTokens: 0,
      billedTokens: chargeFor(numberedTexts(50)),
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
    const embedding = embedder.embed(numberedTexts(9));
    while (provider.server.inFlight.now < 3) await new Promise((resolve) => setImmediate(resolve));
    release();
    await embedding;
    expect(provider.server.inFlight.most).toBe(3);
  });

  test('reports its progress', async () => {
    const done = { rows: 0, tokens: 0 };
    await (await provider.embedder({ max_batch_texts: 4 })).embed(numberedTexts(9), {
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
    await embedder.embed(numberedTexts(5));
    expect(provider.time.slept).toEqual([6000, 6000]);
    const byTokens = await provider.embedder({ concurrency: 1, tokens_per_minute: 80 });
    provider.time.slept.length = 0;
    // Eight tokens take six seconds: two texts of four.
    await byTokens.embed(numberedTexts(5));
    expect(provider.server.seen.slice(-3).map(({ body }) => body.input.length)).toEqual([2, 2, 1]);
    expect(provider.time.slept).toEqual([6000, 6000]);
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
    const { vectors, billedTokens } = await (await provider.embedder()).embed(numberedTexts(11));
    expect(vectors).toEqual(vectorsOf(numberedTexts(11)));
    expect(billedTokens).toBe(chargeFor(numberedTexts(11)));
  });

  test('fails with the number of the text if it is refused for one of its texts', async () => {
    provider.server.always = atMostTwo(400, 'text number 6');
    const failure = await rejectionOf((await provider.embedder()).embed(numberedTexts(11)));
    expect(failure).toMatchObject({
      code: 'PROVIDER_REFUSED',
      position: 6,
      message: expect.stringMatching(/answered 400 \(invalid_request_error\), for text 6$/),
    });
  });
});

describe('an embedding that is cancelled', () => {
  test('before it begins sends no request', async () => {
    const embedding = (await provider.embedder()).embed(numberedTexts(3), { signal: AbortSignal.abort() });
    expect((await rejectionOf(embedding)).code).toBe('CANCELLED');
    expect(provider.server.seen).toEqual([]);
  });

  test('stops waiting for an answer', async () => {
    provider.server.hold = new Promise(() => {});
    const stop = new AbortController();
    const embedding = (await provider.embedder()).embed(numberedTexts(3), { signal: stop.signal });
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
    const embedding = (await provider.embedder()).embed(numberedTexts(3), { signal: stop.signal });
    expect((await rejectionOf(embedding)).code).toBe('CANCELLED');
    expect(provider.server.seen.length).toBe(1);
  });

  test('after one request has failed has no other request left', async () => {
    const embedder = await provider.embedder({ max_batch_texts: 1, concurrency: 4 });
    provider.server.hold = new Promise(() => {});
    provider.server.misbehave(status(401));
    expect((await rejectionOf(embedder.embed(numberedTexts(40)))).code).toBe('PROVIDER_DENIED');
    while (provider.server.inFlight.now > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(provider.server.seen.length).toBeLessThanOrEqual(4);
  });
});
