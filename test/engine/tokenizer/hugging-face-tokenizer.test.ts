import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../engine/tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../../engine/tokenizer/tokenizer.js';
import { REAL_TOKENIZER, TINY_TOKENIZER, TOKENIZERS } from './tokenizers-under-test.js';

const CLS = 2;
const SEP = 3;

/** Returns the slices of a text that its tokens cover. */
async function slices(tokenizer: Tokenizer, text: string): Promise<string[]> {
  const [spans] = await tokenizer.spans([text]);
  return Array.from(spans!.starts, (start, i) => text.slice(start, spans!.ends[i]));
}

describe('a tokenizer read from tokenizer.json', () => {
  let tokenizer: Tokenizer;
  let folder: string;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(TINY_TOKENIZER);
    folder = await mkdtemp(join(tmpdir(), 'vectormill-tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('knows its vocabulary and how many special tokens its template adds', () => {
    expect(tokenizer.vocabularySize).toBe(217);
    expect(tokenizer.specialTokens).toBe(2);
  });

  it('tells special tokens from the tokens of a text', async () => {
    const [cat] = await tokenizer.encode(['cat'], 16);
    expect([...cat!.ids].map((id) => tokenizer.isSpecial(id))).toEqual([true, false, true]);
  });

  it('ignores the truncation and padding that the file holds', async () => {
    const [short, long] = await tokenizer.encode(['cat', 'cat '.repeat(50)], 100);
    expect(short!.ids).toHaveLength(3);
    expect(long!.ids).toHaveLength(52);
    expect(long!.truncated).toBe(false);
  });

  it('puts the template around every text, even an empty one', async () => {
    const [empty, cat] = await tokenizer.encode(['', 'cat'], 16);
    expect([...empty!.ids]).toEqual([CLS, SEP]);
    expect(cat!.ids[0]).toBe(CLS);
    expect(cat!.ids.at(-1)).toBe(SEP);
  });

  it('cuts at the limit, says so, and keeps the closing special token', async () => {
    const [exact, over] = await tokenizer.encode(['cat sat on', 'cat sat on the'], 5);
    expect(exact!.truncated).toBe(false);
    expect(over!.truncated).toBe(true);
    expect([...over!.ids]).toEqual([...exact!.ids]);
    expect(over!.ids.at(-1)).toBe(SEP);
  });

  it('reads a special token written in a text as that token, as the file says', async () => {
    const [encoding] = await tokenizer.encode(['cat [SEP] cat'], 16);
    expect([...encoding!.ids].filter((id) => id === SEP)).toHaveLength(2);
    expect(await slices(tokenizer, 'cat [SEP] cat')).toEqual(['cat', '[SEP]', 'cat']);
  });

  it('refuses a limit that leaves no room for text', async () => {
    await expect(tokenizer.encode(['cat'], 2)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it.each([
    ['emoji', 'a 😀 b😀 cat', ['a', '😀', 'b😀', 'cat']],
    ['a joined emoji', 'x 👨‍👩‍👧 cat', ['x', '👨‍👩‍👧', 'cat']],
    ['combining marks', 'cafe\u0301 cat', ['c', 'a', 'f', 'e', 'cat']],
    ['composed letters', 'né cat', ['n', 'é', 'cat']],
    ['Chinese', '你好，world。世', ['你', '好', '，', 'world', '。', '世']],
    ['Hebrew with points', 'שָׁלוֹם cat', ['ש', 'ל', 'ו', 'ם', 'cat']],
    ['Thai', 'สวด cat', ['ส', 'ว', 'ด', 'cat']],
    ['zero-width characters', 'c\u200bat \u200d cat', ['c\u200bat', 'cat']],
    ['control characters', 'c\u0000at\u0007 cat', ['c\u0000at', 'cat']],
    ['half a surrogate pair', '\ud800 😀 cat', ['😀', 'cat']],
    ['letters that grow in lower case', 'İ cat', ['İ', 'cat']],
    ['CRLF', 'cat\r\nsat\r\n', ['cat', 'sat']],
  ])('says in UTF-16 units where the tokens of %s lie', async (_name, text, expected) => {
    expect(await slices(tokenizer, text)).toEqual(expected);
  });

  it('says where tokens lie in a text that is tokenised in pieces', async () => {
    const words = Array.from({ length: 40_000 }, (_, i) => (i % 5 === 0 ? '😀' : 'cat'));
    expect(await slices(tokenizer, words.join(' '))).toEqual(words);
  });

  it('cuts a long text as it would if it read all of it', async () => {
    const texts = [
      'cat '.repeat(10_000),
      '你好'.repeat(10_000),
      'a'.repeat(100_000),
      `${' '.repeat(50_000)}cat sat`,
      `${'a'.repeat(200)} `.repeat(500),
      '😀'.repeat(10_000),
    ];
    const full = await tokenizer.encode(texts, 1_000_000);
    const cut = await tokenizer.encode(texts, 12);
    for (const [i, { ids, truncated }] of full.entries()) {
      expect(truncated).toBe(false);
      expect(cut[i]!.truncated).toBe(ids.length > 12);
      expect([...cut[i]!.ids]).toEqual(ids.length > 12 ? [...ids.slice(0, 11), SEP] : [...ids]);
    }
  });

  it('names the file when tokenizer.json is absent', async () => {
    await expect(loadTokenizer(folder)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(folder, 'tokenizer.json'),
    });
  });

  it('names the file when tokenizer.json is damaged', async () => {
    const file = join(folder, 'tokenizer.json');
    for (const content of ['{"version":', '{}', 'null', '[]']) {
      await writeFile(file, content);
      await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: 'MODEL_INVALID', file });
    }
  });

  it('refuses a tokenizer that truncates from the left', async () => {
    const stored = await readFile(join(TINY_TOKENIZER, 'tokenizer.json'), 'utf8');
    await writeFile(
      join(folder, 'tokenizer.json'),
      stored.replace('"direction": "Right"', '"direction": "Left"'),
    );
    await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
  });
});

/**
 * Writes a tokenizer of byte pairs over a vocabulary, within the tiny tokenizer's template. What is
 * not in the vocabulary gets no token.
 */
async function withVocabulary(folder: string, characters: readonly string[]): Promise<string> {
  const stored = JSON.parse(await readFile(join(TINY_TOKENIZER, 'tokenizer.json'), 'utf8'));
  const { vocab } = stored.model as { vocab: Record<string, number> };
  const special = Object.entries(vocab).filter(([token]) => /^\[.*\]$/.test(token));
  const first = Math.max(...special.map(([, id]) => id)) + 1;
  const own = characters.map((character, index) => [character, first + index]);
  const model = { type: 'BPE', vocab: Object.fromEntries([...special, ...own]), merges: [] };
  const content = { ...stored, normalizer: null, pre_tokenizer: null, model };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(content));
  return folder;
}

describe('a tokenizer without an unknown token', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vectormill-tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('puts its template once around a text of which it knows nothing', async () => {
    const tokenizer = await loadTokenizer(await withVocabulary(folder, ['a', '世']));
    const [unknown, known] = await tokenizer.encode(['界', '世'], 16);
    expect([...unknown!.ids]).toEqual([CLS, SEP]);
    expect(known!.ids).toHaveLength(3);
  });

  it('is refused if it has no token for the letter from which its template is found', async () => {
    const folderOfOne = await withVocabulary(folder, ['世', '界']);
    await expect(loadTokenizer(folderOfOne)).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
    await expect(loadTokenizer(folderOfOne, { specialTokens: false })).resolves.toMatchObject({
      specialTokens: 0,
    });
  });
});

describe.each(TOKENIZERS)('$name', ({ folder, present }) => {
  it.skipIf(!present)('gives as many spans as tokens, in order and on code points', async () => {
    const tokenizer = await loadTokenizer(folder);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 4 }),
        async (texts) => {
          const [encodings, spans] = await Promise.all([
            tokenizer.encode(texts, 1000),
            tokenizer.spans(texts),
          ]);
          for (const [i, text] of texts.entries()) {
            const { starts, ends } = spans[i]!;
            expect(starts).toHaveLength(encodings[i]!.ids.length - 2);
            for (let token = 0; token < starts.length; token++) {
              expect(starts[token]!).toBeGreaterThanOrEqual(starts[token - 1] ?? 0);
              expect(ends[token]!).toBeGreaterThan(starts[token]!);
              expect(text.slice(starts[token], ends[token]).isWellFormed()).toBe(true);
            }
          }
        },
      ),
      { seed: 3 },
    );
  });
});

const real = TOKENIZERS.find(({ folder }) => folder === REAL_TOKENIZER)!;

describe.skipIf(!real.present)('the tokenizer of all-MiniLM-L6-v2, beside Python', () => {
  it('gives the ids that Python tokenizers gives', async () => {
    const tokenizer = await loadTokenizer(REAL_TOKENIZER);
    const [plain, special] = await tokenizer.encode(['Hello, wörld!', '[SEP] x [MASK]y'], 256);
    expect([...plain!.ids]).toEqual([101, 7592, 1010, 2088, 999, 102]);
    expect([...special!.ids]).toEqual([101, 102, 1060, 103, 1061, 102]);
    expect(tokenizer.vocabularySize).toBe(30_522);
  });
});
