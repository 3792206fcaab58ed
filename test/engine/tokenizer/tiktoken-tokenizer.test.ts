import fc from 'fast-check';
import { Tiktoken, type TiktokenBPE } from 'js-tiktoken/lite';
import cl100k from 'js-tiktoken/ranks/cl100k_base';
import o200k from 'js-tiktoken/ranks/o200k_base';
import { describe, expect, test } from 'vitest';
import { readEncoding, TIKTOKEN_ENCODINGS } from '../../../engine/tokenizer/tiktoken-encoding.js';
import { loadTiktoken } from '../../../engine/tokenizer/tiktoken-tokenizer.js';

const UNLIMITED = 1_000_000;

/**
 * Texts of every kind of character, without the two on which JavaScript's `\s` and Rust's differ.
 */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'the',
        ' mill',
        "'ll",
        '磨坊',
        'ก็ไม่',
        '😀',
        '👩‍👩‍👧',
        '\n\n',
        '   ',
        '<|endoftext|>',
        '2026',
        'É́',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join('').replace(/[\u0085\ufeff]/g, ''));

describe('the encoding', () => {
  // OpenAI's own library checks what it downloads by these hashes.
  test.each([
    ['cl100k_base', '223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7', 100_277],
    ['o200k_base', '446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d', 200_019],
  ] as const)('%s is the file that OpenAI publishes', async (name, sha256, vocabularySize) => {
    expect(await readEncoding(name)).toMatchObject({ sha256, vocabularySize });
  });

  test.each(TIKTOKEN_ENCODINGS)('%s has a token for every byte', async (name) => {
    const { ranks } = await readEncoding(name);
    for (let byte = 0; byte < 256; byte += 1) expect(ranks.has(String.fromCharCode(byte))).toBe(true);
  });
});

describe.each([
  ['cl100k_base', cl100k],
  ['o200k_base', o200k],
] as [(typeof TIKTOKEN_ENCODINGS)[number], TiktokenBPE][])('the tokens of %s', (name, source) => {
  const reference = new Tiktoken(source);

  test('are those of js-tiktoken for any text', async () => {
    const tokenizer = await loadTiktoken(name);
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const [encoding] = await tokenizer.encode([text], UNLIMITED);
        expect([...encoding!.ids]).toEqual(reference.encode(text, [], []));
      }),
    );
  });

  test('each have a span, and spans are in order and leave nothing out', async () => {
    const tokenizer = await loadTiktoken(name);
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const [encoding] = await tokenizer.encode([text], UNLIMITED);
        const [spans] = await tokenizer.spans([text]);
        const { starts, ends } = spans!;
        expect(starts.length).toBe(encoding!.ids.length);
        let end = 0;
        for (const [i, start] of starts.entries()) {
          expect(start).toBeLessThanOrEqual(end);
          expect(start).toBeGreaterThanOrEqual(starts[i - 1] ?? 0);
          expect(ends[i]).toBeGreaterThan(start);
          end = ends[i]!;
        }
        expect(end).toBe(text.length);
      }),
    );
  });
});

describe('a text', () => {
  test('that spells a special token is like any other text', async () => {
    const tokenizer = await loadTiktoken('cl100k_base');
    const [encoding] = await tokenizer.encode(['<|endoftext|>'], UNLIMITED);
    expect(encoding!.ids.length).toBeGreaterThan(1);
    expect([...encoding!.ids]).not.toContain(100_257);
  });

  test('is cut at the limit, and says whether it was', async () => {
    const tokenizer = await loadTiktoken('cl100k_base');
    const [whole] = await tokenizer.encode(['a b c d e'], 5);
    expect(whole).toMatchObject({ truncated: false });
    const [cut] = await tokenizer.encode(['a b c d e'], 4);
    expect(cut).toEqual({ ids: whole!.ids.slice(0, 4), truncated: true });
    const [inWord] = await tokenizer.encode(['磨坊磨坊'], 1);
    expect(inWord).toMatchObject({ truncated: true, ids: { length: 1 } });
  });

  test('without characters has no tokens', async () => {
    const tokenizer = await loadTiktoken('o200k_base');
    expect(await tokenizer.encode([''], 1)).toEqual([{ ids: new Uint32Array(), truncated: false }]);
    expect((await tokenizer.spans(['']))[0]!.starts.length).toBe(0);
  });

  test('of one word as long as a book can be encoded', async () => {
    const tokenizer = await loadTiktoken('cl100k_base');
    const [encoding] = await tokenizer.encode(['a'.repeat(100_000)], UNLIMITED);
    expect(encoding!.ids.length).toBe(12_500);
    const [spans] = await tokenizer.spans(['ก็ไม่'.repeat(100_000)]);
    expect(spans!.ends.at(-1)).toBe(500_000);
  });

  test('has white space where Rust sees it, not where JavaScript does', async () => {
    const tokenizer = await loadTiktoken('cl100k_base');
    const count = async (text: string) => (await tokenizer.encode([text], UNLIMITED))[0]!.ids.length;
    // Of two white-space characters before a word the first stands alone, and U+FEFF is not white
    // space.
    expect(await count('\u0085\u0085x')).toBe((await count('\u0085')) + (await count('\u0085x')));
    expect((await tokenizer.spans(['\ufeffword']))[0]!.ends.at(-1)).toBe(5);
  });

  test('with half a surrogate pair counts as what is sent for it', async () => {
    const tokenizer = await loadTiktoken('cl100k_base');
    const [half, replacement] = await tokenizer.encode(['a\ud800b', 'a\ufffdb'], UNLIMITED);
    expect(half).toEqual(replacement);
  });

  test('is refused with a limit below 1 token', async () => {
    const tokenizer = await loadTiktoken('cl100k_base');
    await expect(tokenizer.encode(['a'], 0)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
