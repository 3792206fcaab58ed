import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type AutoTokenizer,
  readAutoTokenizer,
  sha256OfTokenizer,
} from '../../../../engine/model/auto-tokenizer/auto-tokenizer.js';
import { assertPadding } from '../../../../engine/model/auto-tokenizer/padding.js';
import { readOptionalConfiguration } from '../../../../engine/model/folder/configuration.js';
import { sha256OfModelFile } from '../../../../engine/model/folder/hash-files.js';
import { loadTokenizer } from '../../../../engine/tokenizer/hugging-face-tokenizer.js';
import { loadPairTokenizer } from '../../../../engine/tokenizer/pair-encoding.js';
import type { TextPair } from '../../../../engine/tokenizer/pair-tokenizer.js';
import { useTemporaryFolder } from '../temporary-folder.js';

type Values = Record<string, unknown>;

interface Variant {
  name: string;
  base: string;
  files: Record<string, Values>;
  /** The parts of tokenizer.json that differ from the base. */
  changed: Values;
  ids: number[][];
  pairIds: number[][];
  pairTypes: number[][];
}

/** The ids that transformers 5.24 gives; `make.py` beside this file makes them. */
const EXPECTED = JSON.parse(
  readFileSync(new URL('../../../fixtures/auto-tokenizers/variants.json', import.meta.url), 'utf8'),
) as {
  limit: number;
  texts: string[];
  pairs: TextPair[];
  bases: Record<string, Values>;
  variants: Variant[];
};

const folder = useTemporaryFolder();
let folders = 0;

async function write({ base, files, changed }: Pick<Variant, 'base' | 'files' | 'changed'>): Promise<string> {
  folders += 1;
  const path = join(folder.path, `${folders}`);
  await mkdir(path);
  const all = { ...files, 'tokenizer.json': { ...EXPECTED.bases[base], ...changed } };
  for (const [name, values] of Object.entries(all)) await writeFile(join(path, name), JSON.stringify(values));
  return path;
}

async function read(
  path: string,
  options: { pairs?: boolean; lowerCase?: boolean } = {},
): Promise<AutoTokenizer> {
  return readAutoTokenizer(path, {
    model: await readOptionalConfiguration(join(path, 'config.json')),
    ...options,
  });
}

async function idsOf(tokenizer: AutoTokenizer): Promise<number[][]> {
  const encodings = await (await loadTokenizer(tokenizer)).encode(EXPECTED.texts, EXPECTED.limit);
  return encodings.map(({ ids }) => [...ids]);
}

const folderOf = (base: string, settings: Values, changed: Values = {}) =>
  write({
    base,
    files: { 'config.json': { model_type: base }, 'tokenizer_config.json': settings },
    changed,
  });

describe('a tokenizer gives the ids that AutoTokenizer gives', () => {
  test.each(EXPECTED.variants.map((variant) => [variant.name, variant] as const))(
    '%s',
    async (_, variant) => {
      const path = await write(variant);
      expect(await idsOf(await read(path))).toEqual(variant.ids);
      const pairs = await loadPairTokenizer(await read(path, { pairs: true }));
      const encodings = await pairs.encodePairs(EXPECTED.pairs, EXPECTED.limit);
      expect(encodings.map(({ ids }) => [...ids])).toEqual(variant.pairIds);
      expect(encodings.map(({ tokenTypes }) => [...tokenTypes])).toEqual(variant.pairTypes);
    },
  );
});

describe('the hash of a tokenizer', () => {
  const hashOf = async (path: string) => sha256OfTokenizer(await read(path), sha256OfModelFile);

  test("is the file's if nothing else counts, in whichever form the file says it", async () => {
    const changed = { padding: { strategy: 'BatchLongest', direction: 'Right' }, decoder: null };
    const path = await folderOf('bert', { tokenizer_class: 'BertTokenizer', model_max_length: 9 }, changed);
    expect(await hashOf(path)).toBe(await sha256OfModelFile(join(path, 'tokenizer.json')));
  });

  test('is different for each setting that gives other ids, and the same for the same setting', async () => {
    const settings: Values[] = [
      {},
      { do_lower_case: false },
      { strip_accents: false },
      { tokenize_chinese_chars: false },
      { cls_token: '[MASK]' },
      { unk_token: '[PAD]' },
      { extra_special_tokens: ['the'] },
    ];
    const hashes = await Promise.all(settings.map(async (values) => hashOf(await folderOf('bert', values))));
    expect(new Set(hashes).size).toBe(settings.length);
    expect(await hashOf(await folderOf('bert', { do_lower_case: false, never_split: [] }))).toBe(hashes[1]);
  });
});

describe('lower case that sentence-transformers asks for', () => {
  test('is applied before everything else in a tokenizer that keeps case', async () => {
    const path = await folderOf('bert', { do_lower_case: false });
    const [kept, folded] = [
      await idsOf(await read(path)),
      await idsOf(await read(path, { lowerCase: true })),
    ];
    expect(folded).not.toEqual(kept);
    const lower = EXPECTED.texts.map((text) => text.toLowerCase());
    const encodings = await (await loadTokenizer(await read(path))).encode(lower, EXPECTED.limit);
    const isPlain = (text: string) => !/[[<]/.test(text);
    for (const [at, text] of EXPECTED.texts.entries())
      if (isPlain(text)) expect(folded[at]).toEqual([...encodings[at]!.ids]);
  });

  test('changes nothing if the tokenizer applies it anyway', async () => {
    expect((await read(await folderOf('bert', {}), { lowerCase: true })).values).toBeUndefined();
  });
});

describe('a tokenizer is refused, with the file and the setting', () => {
  const code = { auto_map: { AutoTokenizer: ['mine.Tokenizer', null] } };
  test.each<[string, string, Values, Values, string, string]>([
    ['truncation from the left', 'bert', { truncation_side: 'left' }, {}, 'tokenizer_config.json', '"left"'],
    [
      'truncation from the left in tokenizer.json',
      'bert',
      {},
      { truncation: { direction: 'Left', max_length: 9, strategy: 'LongestFirst', stride: 0 } },
      'tokenizer.json',
      'left',
    ],
    [
      'special tokens taken apart',
      'bert',
      { split_special_tokens: true },
      {},
      'tokenizer_config.json',
      'split_',
    ],
    ['code of its own', 'bert', code, {}, 'tokenizer_config.json', 'auto_map'],
    [
      'a tokenizer written in Python',
      'bert',
      { tokenizer_class: 'BertJapaneseTokenizer' },
      {},
      'tokenizer_config.json',
      'BertJapaneseTokenizer',
    ],
    [
      'another file than tokenizer.json',
      'bert',
      { fast_tokenizer_files: ['tokenizer.4.0.0.json'] },
      {},
      'tokenizer_config.json',
      'fast_tokenizer_files',
    ],
    [
      'case that tokenizer.json keeps and a class of unknown rules does not',
      'xlm-roberta',
      { tokenizer_class: 'AlbertTokenizer', do_lower_case: true },
      {},
      'tokenizer_config.json',
      'do_lower_case',
    ],
  ])('%s', async (_, base, settings, changed, file, named) => {
    const path = await folderOf(base, settings, changed);
    await expect(read(path)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      file: join(path, file),
      message: expect.stringContaining(named),
    });
  });

  test.each([
    ['bert', { padding_side: 'left' }],
    ['roberta', { padding_side: 'left', pad_token: 'the' }],
  ])('for padding on the left of %s, where it would move positions', async (base, settings) => {
    const tokenizer = await read(await folderOf(base, settings));
    const model = { file: 'config.json', values: { model_type: base, pad_token_id: 1 } };
    expect(() => assertPadding(tokenizer, model)).toThrow(/padding_side "left"/);
  });

  test('but not for padding that moves none', async () => {
    const tokenizer = await read(await folderOf('roberta', { padding_side: 'left' }));
    const model = { file: 'config.json', values: { model_type: 'roberta', pad_token_id: 1 } };
    expect(() => assertPadding(tokenizer, model)).not.toThrow();
  });
});
