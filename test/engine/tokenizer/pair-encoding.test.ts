import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Tokenizer as NativeTokenizer, type TruncationStrategy } from 'tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPairTokenizer, truncateLongestFirst } from '../../../engine/tokenizer/pair-encoding.js';
import { TOKENIZERS } from './tokenizers-under-test.js';

/**
 * Encodes a pair with the native code itself. This is comparable only for an even number of tokens:
 * version 0.23.2 cuts each text at the limit before it compares their lengths, and so gives an odd
 * token to the second text even if the first was longer.
 */
async function nativePair(
  native: NativeTokenizer,
  [first, second]: readonly [string, string],
  limit: number,
) {
  native.setTruncation(limit, { strategy: 'LongestFirst' as TruncationStrategy });
  const encoding = await native.encode(first, second, { addSpecialTokens: true });
  return { ids: encoding.getIds(), types: encoding.getTypeIds() };
}

const words = fc.constantFrom('cat', 'the', 'sat', 'on', 'zzz', 'Ünïcödé', '[SEP]', '犬', '!', '😀');
const text = fc.array(words, { maxLength: 24 }).map((all) => all.join(' '));
const folders: string[] = [];

/** Writes the tiny WordPiece model with another post-processor. */
async function withPostProcessor(folder: string, processor: object): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'vectormill-pairs-'));
  folders.push(target);
  const stored = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8')) as object;
  await writeFile(
    join(target, 'tokenizer.json'),
    JSON.stringify({ ...stored, post_processor: processor, padding: null }),
  );
  return target;
}

const TINY = TOKENIZERS[0]!.folder;
const BERT = { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] };
const ROBERTA = {
  type: 'RobertaProcessing',
  sep: ['[SEP]', 3],
  cls: ['[CLS]', 2],
  trim_offsets: true,
  add_prefix_space: false,
};

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

describe.each([
  ...TOKENIZERS.filter(({ present }) => present).map(({ name, folder }) => ({
    name,
    make: async () => folder,
  })),
  { name: "BERT's post-processor", make: () => withPostProcessor(TINY, BERT) },
  { name: "RoBERTa's post-processor", make: () => withPostProcessor(TINY, ROBERTA) },
])('pairs with $name', ({ make }) => {
  let folder: string;
  beforeAll(async () => {
    folder = await make();
  });

  it('have the ids and token types that the native code gives them', async () => {
    const tokenizer = await loadPairTokenizer(folder);
    const native = NativeTokenizer.fromFile(join(folder, 'tokenizer.json'));
    native.disablePadding();
    const pairs = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(pairs, fc.integer({ min: 1, max: 20 }), async (all, half) => {
        const limit = tokenizer.specialTokens + 2 * half;
        const encodings = await tokenizer.encodePairs(all, limit);
        for (const [index, pair] of all.entries()) {
          const expected = await nativePair(native, pair, limit);
          expect([...encodings[index]!.ids]).toEqual(expected.ids);
          expect([...encodings[index]!.tokenTypes]).toEqual(expected.types);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('far above an odd limit give the odd token to the longer text, and to the second of equal ones', async () => {
    const tokenizer = await loadPairTokenizer(folder);
    const [long, longer] = ['cat '.repeat(900), 'the '.repeat(901)] as const;
    const idsOf = async (first: string, second: string, limit: number) => {
      const [encoding] = await tokenizer.encodePairs([[first, second]], tokenizer.specialTokens + limit);
      return { ids: [...encoding!.ids], truncated: encoding!.truncated };
    };
    for (const [first, second, kept] of [
      [long, longer, ['cat cat', 'the the the']],
      [longer, long, ['the the the', 'cat cat']],
      [long, long, ['cat cat', 'cat cat cat']],
    ] as const)
      expect(await idsOf(first, second, 5)).toEqual({
        ...(await idsOf(kept[0], kept[1], 6)),
        truncated: true,
      });
  });

  it('say whether they were cut, and refuse a limit without room for both texts', async () => {
    const tokenizer = await loadPairTokenizer(folder);
    const limit = tokenizer.specialTokens + 2;
    const encodings = await tokenizer.encodePairs(
      [
        ['cat', 'the'],
        ['cat', 'the sat'],
      ],
      limit,
    );
    expect(encodings.map(({ truncated }) => truncated)).toEqual([false, true]);
    await expect(tokenizer.encodePairs([['cat', 'the']], limit - 1)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('the rule longest_first', () => {
  it.each([
    [9, 8, 5, 3, 2],
    [8, 9, 5, 2, 3],
    [8, 8, 5, 2, 3],
    [4, 3, 5, 3, 2],
    [3, 3, 5, 2, 3],
    [3, 2, 5, 3, 2],
    [90, 1, 5, 4, 1],
    [90, 3, 5, 3, 2],
    [2, 90, 5, 2, 3],
    [0, 90, 5, 0, 5],
    [4, 6, 9, 4, 5],
    [6, 4, 9, 5, 4],
    [11, 10, 9, 5, 4],
  ])(
    'cuts texts of %i and %i tokens to %i as version 0.23.3 for Python does',
    (first, second, room, ...kept) => {
      expect(truncateLongestFirst(first, second, room)).toEqual({ first: kept[0], second: kept[1] });
    },
  );

  it('keeps everything that fits and takes only from the longer text', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(60), (first, second, room) => {
        const kept = truncateLongestFirst(first, second, room);
        expect(kept.first + kept.second).toBe(Math.min(first + second, room));
        expect(kept.first).toBeLessThanOrEqual(first);
        expect(kept.second).toBeLessThanOrEqual(second);
        if (kept.first < first) expect(kept.first).toBeGreaterThanOrEqual(kept.second - 1);
        if (kept.second < second) expect(kept.second).toBeGreaterThanOrEqual(kept.first - 1);
      }),
    );
  });
});
