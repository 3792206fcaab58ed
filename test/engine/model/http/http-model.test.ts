import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { httpModel } from '../../../../engine/model/http/http-model.js';
import { changed, status } from '../../../support/embedding-server.js';
import { KEY, rejectionOf, useProvider } from './support.js';

const provider = useProvider();
const TINY_TOKENIZER = fileURLToPath(new URL('../../../fixtures/tiny-tokenizer', import.meta.url));

describe('the signature of a model that a provider runs', () => {
  test('has what decides its space, and no weights and no key', async () => {
    const { signature, location } = await provider.model({}, { prompts: { query: 'q: ' } });
    expect(signature).toEqual({
      name: 'a-model',
      architecture: 'openai-embeddings',
      parameters: { space: `${new URL(provider.server.url).host}/v1/a-model` },
      weightsSha256: null,
      tokenizerSha256: '223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7',
      pooling: [],
      normalize: false,
      maxTokens: 64,
      dimensions: 8,
      precision: 'float32',
      prompts: { query: 'q: ', document: '' },
    });
    expect(location).toBe(`${provider.server.url}/embeddings`);
    expect(JSON.stringify({ signature, location })).not.toContain(KEY);
  });

  test('is the same at another host only if the space has a name', async () => {
    const at = async (url: string, more = {}) => (await provider.model({ url, ...more })).fingerprint;
    expect(await at('http://one/v1')).not.toBe(await at('http://two/v1'));
    expect(await at('http://one/v1', { space: 's' })).toBe(await at('http://two/v1', { space: 's' }));
  });

  test.each([
    [
      'limits, sizes, waits and prices',
      { max_batch_texts: 7, requests_per_minute: 3, price_per_million_tokens: 2 },
      true,
    ],
    ['the variable of the key', { key_env: 'ANOTHER' }, true],
    ['the tokenizer', { tokenizer: 'o200k_base' }, false],
    ['normalisation', { normalize: true }, false],
    ['dimensions', { dimensions: 9 }, false],
  ])('with other %s is the same space: %#', async (_, more, same) => {
    const [one, other] = [await provider.model(), await provider.model(more)];
    expect(one.fingerprint === other.fingerprint).toBe(same);
  });

  test('knows OpenAI’s models without a request', async () => {
    const asked = { source: 'text-embedding-3-large', maxTokens: undefined };
    const model = await provider.model({ tokenizer: undefined, dimensions: undefined }, asked);
    expect(model.signature).toMatchObject({ dimensions: 3072, maxTokens: 8191 });
    const short = await provider.model(
      { tokenizer: undefined, dimensions: undefined },
      { ...asked, dimensions: 256 },
    );
    expect(short.signature.dimensions).toBe(256);
    expect(provider.server.seen).toEqual([]);
  });

  test('has the dimensions of the provider’s vectors if they are not given', async () => {
    const model = await provider.model({ dimensions: undefined });
    expect(model.signature.dimensions).toBe(8);
    await model.check();
    expect(provider.server.seen.length).toBe(1);
  });
});

describe('the tokenizer of a provider’s model', () => {
  test('is that of a folder if one is named', async () => {
    const model = await provider.model({ tokenizer: TINY_TOKENIZER });
    const bytes = await readFile(`${TINY_TOKENIZER}/tokenizer.json`);
    expect(model.signature.tokenizerSha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect((await model.tokenizer()).specialTokens).toBe(2);
  });

  test('cuts texts by a count that includes the special tokens, which the provider adds itself', async () => {
    const words = 'a b c d e f g';
    const embedder = await provider.embedder({ tokenizer: TINY_TOKENIZER }, { maxTokens: 5 });
    const { tokens } = await embedder.embed([words]);
    const sent: string = provider.server.seen[0]!.body.input[0];
    expect(words.startsWith(sent) && sent.length < words.length).toBe(true);
    expect(tokens).toBeLessThanOrEqual(5);
  });

  test.each([
    ['no tokenizer', { tokenizer: undefined }, {}, 'USAGE', 'provider.tokenizer'],
    ['a tokenizer that is not there', { tokenizer: './nowhere' }, {}, 'MODEL_NOT_FOUND', ''],
    ['no token limit', {}, { maxTokens: undefined }, 'USAGE', 'max_tokens'],
    ['a token limit of none', {}, { maxTokens: 0 }, 'USAGE', 'from 1'],
  ])('is refused with %s', async (_, more, asked, code, remedy) => {
    const failure = await rejectionOf(provider.model(more, asked));
    expect(failure).toMatchObject({ code, remedy: expect.stringContaining(remedy) });
    expect(provider.server.seen).toEqual([]);
  });

  test('is refused with a limit over what OpenAI’s model takes', async () => {
    const asked = { source: 'text-embedding-3-small', maxTokens: 8192 };
    expect((await rejectionOf(provider.model({}, asked))).code).toBe('USAGE');
  });
});

describe('the check before a job', () => {
  test('asks for one vector once', async () => {
    const model = await provider.model();
    await model.check();
    await model.check();
    expect(provider.server.seen.map(({ body }) => body.input.length)).toEqual([1]);
  });

  test('finds a key that is refused, and vectors of another length', async () => {
    provider.server.misbehave(status(401));
    expect((await rejectionOf((await provider.model()).check())).code).toBe('PROVIDER_DENIED');
    expect((await rejectionOf((await provider.model({ dimensions: 9 })).check())).code).toBe(
      'PROVIDER_REFUSED',
    );
    provider.server.misbehave(
      changed(({ data }) => ({ data: data.map((item) => ({ ...item, embedding: [] })) })),
    );
    expect((await rejectionOf(provider.model({ dimensions: undefined }))).code).toBe('PROVIDER_REFUSED');
  });

  test('gives up sooner than a job does', async () => {
    provider.server.always = status(500);
    expect((await rejectionOf((await provider.model()).check())).code).toBe('PROVIDER_UNAVAILABLE');
    expect(provider.server.seen.length).toBe(3);
  });
});

describe('the key', () => {
  const toOpenAi = { url: 'https://api.openai.com/v1', key_env: undefined };

  test('of OpenAI is sent to OpenAI’s host without being named', async () => {
    const model = await provider.model(toOpenAi);
    // The variable is not set, so that nothing is sent and the refusal names the variable.
    expect((await rejectionOf(model.check())).message).toContain('OPENAI_API_KEY');
  });

  test('of OpenAI is sent nowhere else', async () => {
    provider.time.environment = { OPENAI_API_KEY: KEY };
    await (await provider.model({ key_env: undefined })).check();
    expect(provider.server.seen[0]!.headers.authorization).toBeUndefined();
  });
});

test('an invalid address is refused without being repeated', async () => {
  const settings = { ...provider.settings(), url: 'https://user:secret@host/v1' };
  const failure = await rejectionOf(httpModel({ source: 'a-model', maxTokens: 8, provider: settings }));
  expect(failure.code).toBe('USAGE');
  expect(JSON.stringify(failure)).not.toContain('secret');
});
