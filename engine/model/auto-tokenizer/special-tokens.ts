import type { Configuration } from '../folder/configuration.js';
import { modelInvalid } from '../model-errors.js';
import type { RebuildingClass } from './tokenizer-class.js';

/**
 * A token that is found in a text before the text is split, as tokenizer.json writes it, without
 * its id.
 */
export interface AddedToken {
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/** The special and added tokens that a folder names. */
export interface NamedTokens {
  /**
   * Tokens by role, such as `cls_token`. Where the folder names none, the class's own token is
   * used.
   */
  roles: ReadonlyMap<string, AddedToken>;
  /** Tokens without a role. */
  extra: readonly AddedToken[];
  /**
   * Tokens for which the folder gives ids, in ascending order. The ids themselves are ignored,
   * because the vocabulary has its own.
   */
  numbered: readonly AddedToken[];
}

/** The files beside tokenizer.json that name tokens. */
export interface TokenFiles {
  configuration: Configuration;
  /** special_tokens_map.json, which older versions wrote. */
  specialTokensMap: Configuration;
  /** added_tokens.json, which older versions wrote. */
  addedTokens: Configuration;
  /** `added_tokens` of tokenizer.json. */
  stored: readonly (AddedToken & { id: number })[];
}

const ROLES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

const BERT = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};
const ROBERTA = {
  bos_token: '<s>',
  eos_token: '</s>',
  sep_token: '</s>',
  cls_token: '<s>',
  unk_token: '<unk>',
  pad_token: '<pad>',
  mask_token: '<mask>',
};
const QWEN = { unk_token: '<|endoftext|>', eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' };

/** The special tokens of each class where a folder names none. */
const DEFAULTS: Readonly<Record<RebuildingClass, Readonly<Record<string, string>>>> = {
  BertTokenizer: BERT,
  MPNetTokenizer: { ...ROBERTA, unk_token: '[UNK]' },
  RobertaTokenizer: ROBERTA,
  XLMRobertaTokenizer: ROBERTA,
  CamembertTokenizer: ROBERTA,
  Qwen2Tokenizer: QWEN,
};

const CAMEMBERT_EXTRA = ['<s>NOTUSED', '</s>NOTUSED', '<unk>NOTUSED'];

/**
 * Reads the special and added tokens as transformers 5.24 does (`_from_pretrained` of
 * `tokenization_utils_base.py`). If tokenizer_config.json has `added_tokens_decoder`, only that
 * file is used. Otherwise, special_tokens_map.json takes precedence over it, and the tokens of
 * added_tokens.json and of tokenizer.json itself are used as well. Errors: MODEL_INVALID.
 */
export function readNamedTokens(files: TokenFiles, rebuilds: RebuildingClass | undefined): NamedTokens {
  const { configuration, specialTokensMap } = files;
  const decoder = configuration.values.added_tokens_decoder;
  const isLegacy = decoder === undefined;
  const said = { ...configuration.values, ...(isLegacy ? specialTokensMap.values : {}) };
  const numbered = new Map<number, AddedToken>(
    isLegacy
      ? legacyTokens(files, said)
      : entriesOf(decoder).map(
          ([id, token]) => [Number(id), readToken(configuration, token, false)] as const,
        ),
  );
  const byContent = new Map([...numbered.values()].map((token) => [token.content, token]));
  const roles = new Map<string, AddedToken>();
  const defaults = rebuilds === undefined ? {} : DEFAULTS[rebuilds];
  for (const role of [...ROLES, ...rolesOf(said)]) {
    const isSaid = role in said;
    const value = isSaid ? said[role] : defaults[role];
    if (value == null) continue;
    const token =
      typeof value === 'string' ? defaultToken(rebuilds, role, value) : readToken(configuration, value);
    roles.set(role, (isSaid ? byContent.get(token.content) : undefined) ?? token);
  }
  const extra = extraTokens(configuration, said, rebuilds);
  return { roles, extra, numbered: [...numbered].sort(([a], [b]) => a - b).map(([, token]) => token) };
}

/** In two classes, the mask token includes the white space before it. */
function defaultToken(rebuilds: RebuildingClass | undefined, role: string, content: string): AddedToken {
  const takesSpace = rebuilds === 'MPNetTokenizer' || rebuilds === 'CamembertTokenizer';
  return { ...specialToken(content), lstrip: takesSpace && role === 'mask_token' };
}

function* legacyTokens(
  { addedTokens, stored, configuration }: TokenFiles,
  said: Readonly<Record<string, unknown>>,
): Generator<readonly [number, AddedToken]> {
  const special = new Set([
    ...ROLES.filter((role) => said[role] != null).map((role) => readToken(configuration, said[role]).content),
    ...extraTokens(configuration, said, undefined).map(({ content }) => content),
  ]);
  for (const [content, id] of Object.entries(addedTokens.values)) {
    const isSpecial = special.has(content);
    yield [Number(id), { ...specialToken(content), normalized: !isSpecial, special: isSpecial }];
  }
  for (const { id, ...token } of stored) yield [id, token];
}

/** Roles that a model names beside the usual ones, such as `image_token`. */
function rolesOf(said: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(said).filter(
    (key) =>
      key.endsWith('_token') &&
      !ROLES.includes(key) &&
      (typeof said[key] === 'string' || isTokenObject(said[key])),
  );
}

function extraTokens(
  configuration: Configuration,
  said: Readonly<Record<string, unknown>>,
  rebuilds: RebuildingClass | undefined,
): AddedToken[] {
  const named = said.extra_special_tokens || said.additional_special_tokens;
  const fallback = rebuilds === 'CamembertTokenizer' && named == null ? CAMEMBERT_EXTRA : [];
  const values = named != null && typeof named === 'object' ? Object.values(named) : fallback;
  return values.map((value) => readToken(configuration, value));
}

function entriesOf(value: unknown): [string, unknown][] {
  return value !== null && typeof value === 'object' ? Object.entries(value) : [];
}

function isTokenObject(value: unknown): value is Partial<AddedToken> & { content: string } {
  return value !== null && typeof value === 'object' && typeof (value as AddedToken).content === 'string';
}

/** Reads a token; `isSpecial` is used where the value itself does not say whether it is special. */
function readToken({ file }: Configuration, value: unknown, isSpecial = true): AddedToken {
  if (typeof value === 'string') return specialToken(value);
  if (!isTokenObject(value)) throw modelInvalid(file, 'a special token is neither a string nor an object');
  const { content, single_word, lstrip, rstrip, special = isSpecial } = value;
  return {
    content,
    single_word: single_word === true,
    lstrip: lstrip === true,
    rstrip: rstrip === true,
    normalized: value.normalized ?? !special,
    special,
  };
}

function specialToken(content: string): AddedToken {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
