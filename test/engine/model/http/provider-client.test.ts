import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  type Misbehaviour,
  rightAnswer,
  sendJson,
  startEmbeddingServer,
  status,
  vectorOf,
} from '../../../support/embedding-server.js';
import { KEY, rejectionOf, useProvider } from './support.js';

const provider = useProvider();
const SECRET_TEXT = 'confidential words of a document';
/** The right answer to the one request of a test. */
const right = Float32Array.from(vectorOf(SECRET_TEXT));

async function embed(more: Record<string, unknown> = {}) {
  return (await (await provider.embedder(more)).embed([SECRET_TEXT])).vectors;
}

/**
 * The waits are half of the bounds 500 ms · 2ⁿ, because the fake random number is always one half.
 */
const backoff = (...failures: number[]) => failures.map((n) => 250 * 2 ** (n - 1));

describe('a request is made again', () => {
  test.each<[string, Misbehaviour]>([
    ['500', status(500)],
    [
      '502 with a page',
      (response) => sendJson(response, 502, '<html>bad gateway</html>', { 'content-type': 'text/html' }),
    ],
    ['503', status(503)],
    ['504', status(504)],
    ['529', status(529)],
    ['408', status(408)],
    ['409', status(409)],
    ['429', status(429, { code: 'rate_limit_exceeded' })],
    ['a connection that is reset', (response) => response.socket?.resetAndDestroy()],
    ['a connection that is closed', (response) => response.destroy()],
    ['an answer that breaks off', cutAnswer],
    ['200 with the status of a limit', body200({ error: { message: 'slow down', code: 429 } })],
    ['200 with the status of a limit as text', body200({ error: { code: '503' }, data: [] })],
    ['200 with the status at the top', body200({ error: 'overloaded', code: 529 })],
    ['an answer without JSON', (response) => sendJson(response, 200, '{"data": [')],
    ['an empty answer', (response) => sendJson(response, 200, '')],
  ])('after %s, at a random time', async (_, misbehaviour) => {
    provider.server.misbehave(misbehaviour, misbehaviour);
    expect(await embed()).toEqual(right);
    expect(provider.server.seen.length).toBe(3);
    expect(provider.time.slept).toEqual(backoff(1, 2));
  });

  test.each<[string, Record<string, string>, number]>([
    ['seconds', { 'retry-after': '17' }, 17_000],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 07:00:42 GMT' }, 42_000],
    ['milliseconds', { 'retry-after': '9', 'retry-after-ms': '1250' }, 1250],
    ['more than ten minutes, of which ten are waited,', { 'retry-after': '86400' }, 600_000],
    ['nothing that can be read', { 'retry-after': 'later' }, 0],
  ])('after the time that the provider asks for in %s', async (_, headers, ms) => {
    provider.server.misbehave(status(429, {}, headers));
    expect(await embed()).toEqual(right);
    expect(provider.time.slept).toEqual([ms + 250]);
  });

  test('after a time that also holds back every other request of the process', async () => {
    provider.server.misbehave(status(429, {}, { 'retry-after': '30' }));
    // Time stands still, so that a waiting request shows how long it has to wait.
    const { slept } = provider.time;
    provider.time.sleep = async (ms) => void slept.push(ms);
    const embedder = await provider.embedder();
    await embedder.embed(['a']);
    await embedder.embed(['b']);
    expect(slept).toEqual([30_250, 30_000, 30_000]);
  });

  test('if no whole answer comes in time', async () => {
    provider.server.misbehave(
      () => {},
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"data": [');
      },
    );
    expect(await embed({ timeout_seconds: 0.2 })).toEqual(right);
    expect(provider.server.seen.length).toBe(3);
  });

  test('nine times at most, and its error is retryable', async () => {
    provider.server.always = status(500);
    expect(await rejectionOf(embed())).toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    expect(provider.server.seen.length).toBe(9);
    expect(provider.time.slept).toEqual([...backoff(1, 2, 3, 4, 5, 6), 15_000, 15_000]);
  });

  test('twice if the answer is never JSON', async () => {
    provider.server.always = (response) =>
      sendJson(response, 200, '<html></html>', { 'content-type': 'text/html' });
    expect(await rejectionOf(embed())).toMatchObject({
      code: 'PROVIDER_INVALID',
      remedy: expect.stringContaining('provider.url'),
    });
    expect(provider.server.seen.length).toBe(3);
  });

  test('if nobody answers, with the code of the system', async () => {
    const gone = await startEmbeddingServer();
    await gone.close();
    expect(await rejectionOf(embed({ url: gone.url }))).toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('a request is not made again', () => {
  test.each<[number, object, string, string]>([
    [400, { type: 'invalid_request_error', code: null }, 'PROVIDER_REFUSED', '400 (invalid_request_error)'],
    [401, { code: 'invalid_api_key' }, 'PROVIDER_DENIED', '401 (invalid_api_key)'],
    [403, {}, 'PROVIDER_DENIED', '403'],
    [404, { code: 'model_not_found' }, 'PROVIDER_REFUSED', '404 (model_not_found)'],
    [405, {}, 'PROVIDER_REFUSED', '405'],
    [413, {}, 'PROVIDER_REFUSED', '413'],
    [422, {}, 'PROVIDER_REFUSED', '422'],
    [429, { code: 'insufficient_quota' }, 'PROVIDER_DENIED', '429 (insufficient_quota)'],
    [501, {}, 'PROVIDER_REFUSED', '501'],
    [402, {}, 'PROVIDER_DENIED', '402'],
    [429, { code: 'rate_limit', type: 'insufficient_quota' }, 'PROVIDER_DENIED', '429 (rate_limit)'],
    [400, { code: 400, status: 'INVALID_ARGUMENT' }, 'PROVIDER_REFUSED', '400 (INVALID_ARGUMENT)'],
    [400, { code: null, param: 'dimensions' }, 'PROVIDER_REFUSED', '400 (`dimensions`)'],
    [400, { type: 'bad', param: 'user' }, 'PROVIDER_REFUSED', '400 (bad)'],
  ])('after %d %o', async (code, error, expected, said) => {
    provider.server.always = status(code, error);
    const failure = await rejectionOf(embed());
    expect(failure).toMatchObject({ code: expected, message: expect.stringContaining(`answered ${said}`) });
    expect(failure.remedy.length).toBeGreaterThan(20);
    expect([provider.server.seen.length, provider.time.slept]).toEqual([1, []]);
  });

  test.each<[string, unknown, string]>([
    [
      'a list, as of Gemini',
      [{ error: { code: 400, status: 'INVALID_ARGUMENT' } }],
      '400 (INVALID_ARGUMENT)',
    ],
    [
      'at the top, as of vLLM',
      { object: 'error', type: 'BadRequestError', code: 400 },
      '400 (BadRequestError)',
    ],
    [
      'a list of details, as of FastAPI',
      { detail: [{ type: 'extra_forbidden', loc: ['body', 'dimensions'], msg: 'x' }] },
      '400 (extra_forbidden, `dimensions`)',
    ],
    ['a detail in words', { detail: 'Not Found' }, 'answered 400'],
    ['a text', { error: 'model not loaded' }, 'answered 400'],
    ['a list of texts', { errors: ['no'] }, 'answered 400'],
    ['null', null, 'answered 400'],
    ['a page', '<html><body>400</body></html>', 'answered 400'],
    ['nothing', '', 'answered 400'],
  ])('after an error whose body is %s', async (_, body, said) => {
    provider.server.always = (response) => sendJson(response, 400, body);
    expect(await rejectionOf(embed())).toMatchObject({
      code: 'PROVIDER_REFUSED',
      message: expect.stringContaining(said),
    });
    expect(provider.server.seen.length).toBe(1);
  });

  test('after `dimensions` that the server refuses, which the error says', async () => {
    provider.server.always = status(400, { param: 'dimensions' });
    expect((await rejectionOf(embed())).remedy).toContain("leave the model's out");
  });

  test.each<[string, object, string, string]>([
    [
      'a text, as of LM Studio',
      { error: 'Unexpected endpoint' },
      'PROVIDER_REFUSED',
      'answered 200, which is an error',
    ],
    [
      'an object',
      { error: { type: 'server_error' } },
      'PROVIDER_REFUSED',
      '200 (server_error), which is an error',
    ],
    ['with the status of a key', { error: { code: 401 } }, 'PROVIDER_DENIED', 'answered 401'],
    [
      'with the status of a refusal',
      { error: { code: 400, type: 'bad' } },
      'PROVIDER_REFUSED',
      'answered 400 (bad)',
    ],
  ])('after 200 with an error that is %s', async (_, body, expected, said) => {
    provider.server.always = body200(body);
    expect(await rejectionOf(embed())).toMatchObject({
      code: expected,
      message: expect.stringContaining(said),
    });
    expect(provider.server.seen.length).toBe(1);
  });

  test('after 500 for a text that is longer than the server was started for', async () => {
    provider.server.always = status(500, { message: 'input is too large to process', type: 'server_error' });
    expect(await rejectionOf(embed())).toMatchObject({
      code: 'PROVIDER_REFUSED',
      message: expect.stringContaining('500 (server_error), for text 0'),
      remedy: expect.stringContaining('max_tokens'),
    });
    expect(provider.server.seen.length).toBe(1);
  });

  test('after 401, and the error names the variable to check', async () => {
    provider.server.always = status(401);
    expect((await rejectionOf(embed())).remedy).toContain('TEST_KEY');
    expect((await rejectionOf(embed({ key_env: undefined }))).remedy).toContain('key_env');
  });

  test('after a redirect, which would send the key to another host', async () => {
    const elsewhere = await startEmbeddingServer();
    try {
      for (const code of [301, 302, 303, 307, 308]) {
        provider.server.misbehave(status(code, {}, { location: `${elsewhere.url}/embeddings` }));
        expect(await rejectionOf(embed())).toMatchObject({
          code: 'PROVIDER_REFUSED',
          remedy: expect.stringContaining('Redirects'),
        });
      }
      expect(elsewhere.seen).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });

  test('after JSON that is not a list of embeddings', async () => {
    for (const body of ['[]', 'null', '{}', '{"data": {}}', '"data"', '7']) {
      provider.server.misbehave((response) => sendJson(response, 200, body));
      expect((await rejectionOf(embed())).code).toBe('PROVIDER_INVALID');
    }
  });

  test('after an endless answer, of which only a part is read', async () => {
    let written = 0;
    provider.server.always = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const piece = ' '.repeat(1 << 16);
      const write = () => {
        while (!response.destroyed && response.write(piece)) written += piece.length;
        if (!response.destroyed) response.once('drain', write);
      };
      write();
    };
    expect(await rejectionOf(embed())).toMatchObject({ code: 'PROVIDER_INVALID' });
    expect(provider.server.seen.length).toBe(1);
    expect(written).toBeLessThan(64 << 20);
  });

  test.each([
    [undefined, 'holds no key'],
    ['  ', 'holds no key'],
    ['sk-marker\nZq7vX2', 'no usable key'],
    ['schlüssel-Zq7vX2', 'no usable key'],
  ])('and not even sent once, with the key %j', async (key, message) => {
    provider.time.environment = key === undefined ? {} : { TEST_KEY: key };
    const failure = await rejectionOf(embed());
    expect(failure).toMatchObject({ code: 'PROVIDER_DENIED', message: expect.stringContaining(message) });
    expect(`${failure.message} ${failure.remedy}`).toContain('TEST_KEY');
    expect(`${failure.message} ${failure.remedy}`).not.toContain('Zq7vX2');
    expect(provider.server.seen).toEqual([]);
  });
});

describe('a format of vectors that the server does not know', () => {
  const unknown = (response: ServerResponse) =>
    sendJson(response, 400, { error: { message: "no support for {'encoding_format': 'float'}" } });

  test('is sent once, and then left out', async () => {
    provider.server.always = (response, request) =>
      'encoding_format' in request.body ? unknown(response) : sendJson(response, 200, rightAnswer(request));
    const embedder = await provider.embedder();
    expect((await embedder.embed([SECRET_TEXT])).vectors).toEqual(right);
    expect((await embedder.embed([SECRET_TEXT])).vectors).toEqual(right);
    expect(provider.server.seen.map(({ body }) => body.encoding_format)).toEqual([
      'float',
      undefined,
      undefined,
    ]);
  });

  test('is a refusal if leaving it out does not help', async () => {
    provider.server.always = unknown;
    expect((await rejectionOf(embed())).code).toBe('PROVIDER_REFUSED');
    expect(provider.server.seen.length).toBe(2);
  });
});

describe('an error repeats nothing that was sent', () => {
  const echoes: [string, (body: string) => string | object][] = [
    ['as the whole body', (sent) => sent],
    ['as the message', (sent) => ({ error: { message: sent, code: 'invalid_api_key' } })],
    ['as the code', (sent) => ({ error: { message: sent, code: sent, type: sent } })],
    ['at the top', (sent) => ({ message: sent, code: sent, error_type: sent })],
    ['as an error that is a text', (sent) => ({ error: sent })],
    ['as a detail', (sent) => ({ detail: [{ type: sent, loc: ['body', sent], msg: sent, param: sent }] })],
    ['as a list', (sent) => [{ error: { code: 400, status: sent, param: sent } }]],
  ];
  const sent = [KEY, `Bearer ${KEY}`, 'sk', 'marker', SECRET_TEXT, 'confidential'];

  test.each(echoes)('%s', async (_, echo) => {
    for (const code of [200, 301, 400, 401, 404, 413, 429, 500]) {
      for (const secret of sent) {
        provider.server.always = (response) =>
          sendJson(response, code, echo(secret), { location: `http://localhost/${secret}` });
        const error = await rejectionOf(embed());
        const everything = JSON.stringify(error, [...Object.getOwnPropertyNames(error), 'cause']);
        for (const word of [KEY, 'marker', 'confidential']) expect(everything).not.toContain(word);
      }
    }
  });
});

/** Returns an answer with status 200 and a body that is not a list of embeddings. */
function body200(body: object): Misbehaviour {
  return (response) => sendJson(response, 200, body);
}

/** Sends half an answer and then ends the connection. */
function cutAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"data": [{"index": 0, "embedding": [0.1', () => response.destroy());
}
