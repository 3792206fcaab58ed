import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../engine/tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../../engine/tokenizer/tokenizer.js';
import { WordCache } from '../../../engine/tokenizer/word-cache.js';
import { readWordPiece } from '../../../engine/tokenizer/word-piece.js';
import { TOKENIZERS } from './tokenizers-under-test.js';

type Stored = Record<string, unknown>;

async function stored(folder: string): Promise<Stored> {
  return JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8')) as Stored;
}

// biome-ignore format: a list to read across
/** Words that meet every rule: special tokens, accents, ideographs, marks, control characters, white space of all kinds. */
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

describe.each(TOKENIZERS.filter(({ present }) => present))('remembered words of $name', ({ folder }) => {
  let native: Tokenizer;
  let cached: Tokenizer;
  beforeAll(async () => {
    native = await loadTokenizer(folder, { specialTokens: false });
    cached = new WordCache(native, readWordPiece(await stored(folder))!);
  });

  it('give the ids of the native code, whatever the texts and the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 4 }),
        fc.integer({ min: 1, max: 30 }),
        async (texts, limit) => {
          expect(await cached.encode(texts, limit)).toEqual(await native.encode(texts, limit));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give the same on the second meeting', async () => {
    const texts = WORDS.map((word) => `${word} the ${word}`);
    const first = await cached.encode(texts, 1000);
    expect(await cached.encode(texts, 1000)).toEqual(first);
    expect(first).toEqual(await native.encode(texts, 1000));
  });

  it('are forgotten when they are too many, and texts still come out whole', async () => {
    const numbers = Array.from({ length: 140_000 }, (_, index) => `${index}`).join(' ');
    const texts = ['the café 北京', numbers];
    const both = [cached.encode(texts, 5), cached.encode(texts.slice().reverse(), 5)];
    const [first, second] = await Promise.all(both);
    expect(first).toEqual(await native.encode(texts, 5));
    expect(second).toEqual(first!.slice().reverse());
    // The call before met more runs than are remembered, so this one forgets them.
    await cached.encode([numbers], 1_000_000);
    expect(await cached.encode(texts, 5)).toEqual(first);
  });
});

describe('word pieces are read only from a tokenizer whose rules they follow', () => {
  it('which is not one with another normaliser, pre-tokeniser or model', async () => {
    const folder = TOKENIZERS[0]!.folder;
    for (const key of ['normalizer', 'pre_tokenizer', 'model'])
      expect(readWordPiece({ ...(await stored(folder)), [key]: { type: 'Other' } })).toBeUndefined();
  });

  it('nor one with an added token that spans words or needs its surroundings', async () => {
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
    expect(readWordPiece({ ...rest, added_tokens: [token] })).toBeDefined();
  });
});
