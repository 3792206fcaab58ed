import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../../engine/model/embedder.js';
import { openEmbedder } from '../../../../engine/model/find/find-model.js';
import type { ModelResources, ModelSettings } from '../../../../engine/model/model.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { tinyBert } from '../tiny-bert.js';
import { TINY, type TinyOptions, tinyTokenIds, tinyWeights, writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
const opened: Embedder[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((embedder) => embedder.close()));
});

let models = 0;
async function open(
  tiny: TinyOptions = {},
  options: Partial<ModelSettings & ModelResources> = {},
): Promise<Embedder> {
  models += 1;
  const path = join(folder.path, `tiny-${models}`);
  await writeTinyModel(path, tiny);
  const embedder = await openEmbedder({ source: path, sessions: 1, ...options });
  opened.push(embedder);
  return embedder;
}

/** Texts of 0 to 30 letters, some longer than the model's 16 tokens. */
const TEXTS = Array.from({ length: 60 }, (_, n) =>
  Array.from({ length: (n * 7) % 31 }, (_, i) => String.fromCharCode(97 + ((n + i * 5) % 26))).join(' '),
);

function meanOf(hidden: readonly number[][]): number[] {
  return hidden[0]!.map((_, i) => hidden.reduce((sum, token) => sum + token[i]!, 0) / hidden.length);
}

function normalized(vector: readonly number[]): number[] {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

function largestDifference(actual: Float32Array, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce((worst, value, index) => Math.max(worst, Math.abs(value - expected[index]!)), 0);
}

describe('an embedder', () => {
  test('computes what the loops of a plain BERT compute, in the order of the texts', async () => {
    const embedder = await open({}, { sessions: 2 });
    const { vectors } = await embedder.embed(TEXTS);
    const expected = TEXTS.flatMap((text) =>
      normalized(meanOf(tinyBert(tinyWeights(), tinyTokenIds(text, 16)))),
    );
    expect(largestDifference(vectors, expected)).toBeLessThan(1e-5);
  });

  test('pools by the first token if the folder says so, and leaves the norm alone', async () => {
    const embedder = await open({
      files: {
        '1_Pooling/config.json': { embedding_dimension: TINY.hidden, pooling_mode: 'cls' },
        'modules.json': [
          { path: '', type: 'sentence_transformers.models.Transformer' },
          { path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
        ],
      },
    });
    const { vectors } = await embedder.embed(TEXTS);
    const expected = TEXTS.flatMap((text) => tinyBert(tinyWeights(), tinyTokenIds(text, 16))[0]!);
    expect(largestDifference(vectors, expected)).toBeLessThan(1e-4);
  });

  test('joins the vectors of two poolings', async () => {
    const embedder = await open({
      files: {
        '1_Pooling/config.json': {
          word_embedding_dimension: TINY.hidden,
          pooling_mode_mean_tokens: true,
          pooling_mode_cls_token: true,
        },
      },
    });
    const hidden = tinyBert(tinyWeights(), tinyTokenIds('a b c', 16));
    const { vectors } = await embedder.embed(['a b c']);
    expect(embedder.signature.dimensions).toBe(2 * TINY.hidden);
    expect(largestDifference(vectors, normalized([...hidden[0]!, ...meanOf(hidden)]))).toBeLessThan(1e-5);
  });

  test('gives a text the same vector whatever else is in its batch', async () => {
    const embedder = await open({}, { batching: { tokenBudget: 2000, paddingBudget: 2000 } });
    const together = await embedder.embed(TEXTS);
    expect(together.paddingTokens).toBeGreaterThan(100);
    for (const [row, text] of TEXTS.entries()) {
      const alone = await embedder.embed([text]);
      const start = row * TINY.hidden;
      expect(
        largestDifference(alone.vectors, together.vectors.subarray(start, start + TINY.hidden)),
      ).toBeLessThan(1e-5);
    }
  });

  test('reads weights that are named under the encoder of a task model', async () => {
    const plain = await open();
    const prefixed = await open({ prefix: 'bert.' });
    expect((await prefixed.embed(TEXTS)).vectors).toEqual((await plain.embed(TEXTS)).vectors);
  });

  test('computes half-precision weights in single precision', async () => {
    const weights = tinyWeights();
    for (const { data } of weights.values()) {
      const bits = new Uint32Array(data.buffer);
      for (const [index, word] of bits.entries()) bits[index] = word & 0xffff0000;
    }
    const [half, single] = [await open({ bfloat16: true }), await open({ weights })];
    expect((await half.embed(TEXTS)).vectors).toEqual((await single.embed(TEXTS)).vectors);
  });

  test('keeps the order of more texts than are tokenised at once', async () => {
    const embedder = await open({}, { sessions: 2 });
    const letters = Array.from({ length: 5000 }, (_, n) => String.fromCharCode(97 + (n % 26)));
    const { vectors } = await embedder.embed(letters);
    const firsts = await embedder.embed(letters.slice(0, 26));
    for (const row of [0, 25, 2047, 2048, 4095, 4096, 4999]) {
      const expected = firsts.vectors.subarray((row % 26) * TINY.hidden, ((row % 26) + 1) * TINY.hidden);
      const actual = vectors.subarray(row * TINY.hidden, (row + 1) * TINY.hidden);
      expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
    }
  });

  test('counts the tokens that it computed, and reports them when they are done', async () => {
    const embedder = await open();
    const progress = { rows: 0, tokens: 0 };
    const { tokens } = await embedder.embed(TEXTS, {
      onProgress: (done) => {
        progress.rows += done.rows;
        progress.tokens += done.tokens;
      },
    });
    expect(tokens).toBe(TEXTS.reduce((sum, text) => sum + tinyTokenIds(text, 16).length, 0));
    expect(progress).toEqual({ rows: TEXTS.length, tokens });
  });

  test('truncates at the limit with which it was opened', async () => {
    const embedder = await open({}, { maxTokens: 5 });
    const { vectors } = await embedder.embed(['a b c d e f g', 'a b c']);
    expect(vectors.subarray(0, TINY.hidden)).toEqual(vectors.subarray(TINY.hidden));
  });

  test('puts the prompt that is asked for before each text', async () => {
    const embedder = await open({
      files: { 'config_sentence_transformers.json': { prompts: { query: 'q ', passage: 'p ' } } },
    });
    const [query, document, plain] = await Promise.all([
      embedder.embed(['a'], { prompt: 'query' }),
      embedder.embed(['a'], { prompt: 'document' }),
      embedder.embed(['q a', 'p a']),
    ]);
    expect(largestDifference(query.vectors, plain.vectors.subarray(0, TINY.hidden))).toBeLessThan(1e-5);
    expect(largestDifference(document.vectors, plain.vectors.subarray(TINY.hidden))).toBeLessThan(1e-5);
  });

  test('gives no vectors for no texts', async () => {
    const embedder = await open();
    expect(await embedder.embed([])).toEqual({ vectors: new Float32Array(0), tokens: 0, paddingTokens: 0 });
  });

  test('stops when it is cancelled and can be used again', async () => {
    const embedder = await open();
    const stop = new AbortController();
    const started = embedder.embed(TEXTS.concat(...new Array(50).fill(TEXTS)), {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(started).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await embedder.embed(['a'])).vectors.length).toBe(TINY.hidden);
  });

  test('names the text whose vector is not a number', async () => {
    const weights = tinyWeights();
    const table = weights.get('embeddings.word_embeddings.weight')!.data;
    table.fill(
      Number.NaN,
      TINY.words.indexOf('z') * TINY.hidden,
      (TINY.words.indexOf('z') + 1) * TINY.hidden,
    );
    const embedder = await open({ weights });
    await expect(embedder.embed(['a b', 'c', 'a z', 'b c d e'])).rejects.toMatchObject({
      code: 'VECTOR_INVALID',
      position: 2,
    });
    expect((await embedder.embed(['a'])).vectors.every(Number.isFinite)).toBe(true);
  });

  describe('that gives its sessions many batches at once', () => {
    const texts = Array.from({ length: 6 }, () => TEXTS).flat();
    const oneRowACall = { tokenBudget: 1, paddingBudget: 0 };

    test.each([1, 3])('computes the same with %i sessions', async (sessions) => {
      const plain = await (await open()).embed(texts);
      const shared = await (await open({}, { sessions, batching: oneRowACall })).embed(texts);
      expect(largestDifference(shared.vectors, plain.vectors)).toBeLessThan(1e-5);
      expect(shared.tokens).toBe(plain.tokens);
      expect(shared.paddingTokens).toBe(0);
    });

    test.each([0, 7, 200, 359])('names text %i, whose vector is not a number', async (bad) => {
      const weights = tinyWeights();
      const row = TINY.words.indexOf('z') * TINY.hidden;
      weights.get('embeddings.word_embeddings.weight')!.data.fill(Number.NaN, row, row + TINY.hidden);
      const embedder = await open({ weights }, { batching: oneRowACall });
      const equal = Array.from({ length: 360 }, (_, index) => (index === bad ? 'a z' : 'a b'));
      await expect(embedder.embed(equal)).rejects.toMatchObject({ code: 'VECTOR_INVALID', position: bad });
    });
  });

  test('refuses a tokenizer with more tokens than the weights have', async () => {
    const weights = tinyWeights();
    const table = weights.get('embeddings.word_embeddings.weight')!;
    table.shape[0] = 10;
    table.data = table.data.slice(0, 10 * TINY.hidden);
    await expect(open({ weights, configuration: { vocab_size: 10 } })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: expect.stringContaining('tokenizer.json'),
    });
  });
});
