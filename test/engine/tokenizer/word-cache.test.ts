import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ContentEncoder,
  type ContentTokens,
  encodeContents,
} from '../../../engine/tokenizer/content-tokens.js';
import { readNative } from '../../../engine/tokenizer/native.js';
import { WordCache } from '../../../engine/tokenizer/word-cache.js';
import { readWordPiece } from '../../../engine/tokenizer/word-piece.js';
import { TOKENIZERS } from './tokenizers-under-test.js';

type Stored = Record<string, unknown>;

async function stored(folder: string): Promise<Stored> {
  return JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8')) as Stored;
}

// biome-ignore format: a list to read across
/**
 * Words that meet every rule: special tokens, accents, ideographs, marks, control characters, and
 * white space of all kinds.
 */
const WORDS = [
  'the', 'Cat', "don't", 'U.S.', '[SEP]', 'x[CLS]y', '[sep]', 'café', 'cafe\u0301', '北京', 'a北b', '\u200b', '\u00a0', '\u3000',
  '\u0001', '\u000b', '\u2028', '\ud83d\ude00', '\ud800', 'İ', 'ß', 'ﬁ', '_', '``', 'a'.repeat(100), 'b'.repeat(101), '\u0301', '가',
];
const text = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'binary' }), fc.string()),
      fc.constantFrom('', ' ', '  ', '\n', '\t', '\r\n', '\u00a0'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.flat().join(''));

function plain(contents: readonly ContentTokens[]) {
  return contents.map(({ ids, truncated }) => ({ ids: [...ids], truncated }));
}

describe.each(TOKENIZERS.filter(({ present }) => present))('remembered words of $name', ({ folder }) => {
  let encodeNative: ContentEncoder;
  let words: WordCache;
  beforeAll(async () => {
    const { native } = await readNative(join(folder, 'tokenizer.json'));
    encodeNative = (texts, limit) => encodeContents(native, texts, limit);
    words = new WordCache(encodeNative, readWordPiece(await stored(folder))!);
  });
  const cached = async (texts: readonly string[], limit: number) => plain(await words.encode(texts, limit));
  const native = async (texts: readonly string[], limit: number) => plain(await encodeNative(texts, limit));

  it('give the ids of the native code, whatever the texts and the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 4 }),
        fc.integer({ min: 1, max: 30 }),
        async (texts, limit) => {
          expect(await cached(texts, limit)).toEqual(await native(texts, limit));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give the same on the second meeting', async () => {
    const texts = WORDS.map((word) => `${word} the ${word}`);
    const first = await cached(texts, 1000);
    expect(await cached(texts, 1000)).toEqual(first);
    expect(first).toEqual(await native(texts, 1000));
  });

  it('are forgotten when there are too many, and texts still come out whole', async () => {
    const numbers = Array.from({ length: 140_000 }, (_, index) => `${index}`).join(' ');
    const texts = ['the café 北京', numbers];
    const both = [cached(texts, 5), cached(texts.slice().reverse(), 5)];
    const [first, second] = await Promise.all(both);
    expect(first).toEqual(await native(texts, 5));
    expect(second).toEqual(first!.slice().reverse());
    // The call before met more runs than are remembered, so this one forgets them.
    await cached([numbers], 1_000_000);
    expect(await cached(texts, 5)).toEqual(first);
  });
});

describe('calls that overlap', () => {
  it('each keep the words that they met before another call replaced the memory', async () => {
    const folder = TOKENIZERS[0]!.folder;
    const { native } = await readNative(join(folder, 'tokenizer.json'));
    const encodeNative: ContentEncoder = (texts, limit) => encodeContents(native, texts, limit);
    let hold: Promise<void> | undefined;
    const held: ContentEncoder = async (texts, limit) => {
      await hold;
      return encodeNative(texts, limit);
    };
    const words = new WordCache(held, readWordPiece(await stored(folder))!);
    await words.encode(['北京'], 10);
    await words.encode([Array.from({ length: 140_000 }, (_, index) => `${index}`).join(' ')], 1_000_000);
    // The memory is now too large. The next call makes a new one, meets a word there, and waits for
    // another word.
    await words.encode(['北京'], 10);
    let release = () => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const waiting = words.encode(['北京 café'], 10);
    const other = words.encode(
      [Array.from({ length: 140_000 }, (_, index) => `${index}`).join(' ')],
      1_000_000,
    );
    const next = words.encode(['the cat'], 10);
    release();
    await Promise.all([other, next]);
    expect(plain(await waiting)).toEqual(plain(await encodeNative(['北京 café'], 10)));
  });
});

describe('word pieces are not read from a tokenizer', () => {
  it('with another normaliser, pre-tokeniser or model', async () => {
    const folder = TOKENIZERS[0]!.folder;
    for (const key of ['normalizer', 'pre_tokenizer', 'model'])
      expect(readWordPiece({ ...(await stored(folder)), [key]: { type: 'Other' } })).toBeUndefined();
  });

  it('with an added token that spans words or depends on its surroundings', async () => {
    const folder = TOKENIZERS[0]!.folder;
    const { added_tokens: added, ...rest } = await stored(folder);
    const [token] = added as [Record<string, unknown>];
    for (const change of [
      { content: 'new york' },
      { lstrip: true },
      { single_word: true },
      { normalized: true },
    ])
      expect(readWordPiece({ ...rest, added_tokens: [{ ...token, ...change }] })).toBeUndefined();
    const words = readWordPiece({ ...rest, added_tokens: [token] })!;
    const { vocab } = rest.model as { vocab: Record<string, number> };
    expect(words.idsOf('cat')).toEqual([vocab.cat]);
    expect(words.idsOf(`cat${String(token.content)}`)).toBeUndefined();
  });
});
