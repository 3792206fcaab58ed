import type { NamedTokens } from './special-tokens.js';
import type { RebuildingClass } from './tokenizer-class.js';
import type { NumberedToken } from './vocabulary-tokens.js';

/** A part of tokenizer.json. */
export type Part = Readonly<Record<string, unknown>>;

/** The parts that a class makes anew; the vocabulary is kept. */
export interface RebuiltParts {
  model: Part;
  normalizer: Part | null;
  pre_tokenizer: Part;
  post_processor: Part | null;
}

/** The settings on which the parts depend. */
export interface RebuildOptions {
  /** tokenizer_config.json, or what is used in its place. */
  settings: Part;
  /** tokenizer.json. */
  stored: Part;
  roles: NamedTokens['roles'];
  added: readonly NumberedToken[];
}

/**
 * The way in which each class of transformers 5.24 builds its tokenizer
 * (`models/<name>/tokenization_<name>.py`): with its own normaliser, pre-tokeniser and template,
 * whatever tokenizer.json says about them.
 */
export const REBUILD: Readonly<Record<RebuildingClass, (options: RebuildOptions) => RebuiltParts>> = {
  BertTokenizer: (options) => ({
    ...bertParts(options),
    post_processor: template(options, ['cls_token', 'sep_token'], { secondType: 1 }),
  }),
  MPNetTokenizer: (options) => ({
    ...bertParts(options),
    post_processor: template(options, ['cls_token', 'sep_token'], { twice: true }),
  }),
  RobertaTokenizer: (options) => ({
    model: bytePairs(options, null),
    normalizer: null,
    pre_tokenizer: byteLevel(options.settings.add_prefix_space === true, true),
    post_processor: template(options, ['cls_token', 'sep_token'], { twice: true }),
  }),
  XLMRobertaTokenizer: (options) => ({
    ...sentencePieceParts(options, 3),
    post_processor: template(options, ['bos_token', 'eos_token'], { twice: true }),
  }),
  CamembertTokenizer: (options) => ({
    ...sentencePieceParts(options, unknownPiece(options)),
    post_processor: template(options, ['bos_token', 'eos_token'], { twice: true }),
  }),
  Qwen2Tokenizer: (options) => ({
    model: bytePairs(options, null),
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: QWEN_WORDS }, behavior: 'Isolated', invert: false },
        byteLevel(options.settings.add_prefix_space === true, false),
      ],
    },
    post_processor: (options.stored.post_processor ?? null) as Part | null,
  }),
};

/** Qwen's own rule for where words end. */
const QWEN_WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

function bertParts({ settings, stored, roles }: RebuildOptions): Omit<RebuiltParts, 'post_processor'> {
  const { do_lower_case = true, strip_accents = null, tokenize_chinese_chars = true } = settings;
  return {
    model: {
      type: 'WordPiece',
      unk_token: roles.get('unk_token')?.content ?? '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: asMapping(vocabularyOf(stored)),
    },
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: tokenize_chinese_chars,
      strip_accents,
      lowercase: do_lower_case,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
  };
}

function bytePairs({ stored }: RebuildOptions, unknown: string | null): Part {
  const { merges = [] } = (stored.model ?? {}) as { merges?: unknown };
  return {
    type: 'BPE',
    dropout: null,
    unk_token: unknown,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: asMapping(vocabularyOf(stored)),
    merges,
  };
}

function byteLevel(addPrefixSpace: boolean, useRegex: boolean): Part {
  return { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: useRegex };
}

function sentencePieceParts(
  { settings, stored }: RebuildOptions,
  unknown: number,
): Omit<RebuiltParts, 'post_processor'> {
  const scheme = (settings.add_prefix_space ?? true) ? 'always' : 'never';
  return {
    model: { type: 'Unigram', unk_id: unknown, byte_fallback: false, vocab: vocabularyOf(stored) },
    normalizer: firstCharsmap(stored.normalizer),
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        { type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split: true },
      ],
    },
  };
}

/** Only SentencePiece's table of characters is kept from a normaliser. */
function firstCharsmap(normalizer: unknown): Part | null {
  const { type, normalizers, precompiled_charsmap: charsmap } = (normalizer ?? {}) as Part;
  const candidates = type === 'Sequence' && Array.isArray(normalizers) ? normalizers : [normalizer];
  if (type === 'Precompiled') return charsmap == null ? null : (normalizer as Part);
  const found = (candidates as (Part | null)[]).find((part) => part?.type === 'Precompiled');
  return found === undefined || found === null || found.precompiled_charsmap == null ? null : found;
}

function unknownPiece({ stored, roles }: RebuildOptions): number {
  const unknown = roles.get('unk_token')?.content;
  const vocab = vocabularyOf(stored);
  const at = Array.isArray(vocab) ? vocab.findIndex((entry) => (entry as unknown[])[0] === unknown) : 0;
  return Math.max(0, at);
}

interface TemplateShape {
  /** The type of the second text's tokens. */
  secondType?: number;
  /** Whether two closing tokens are between the texts. */
  twice?: boolean;
}

/** Returns the template: the special tokens before, between and after one text and two texts. */
function template(
  { roles, added }: RebuildOptions,
  [opening, closing]: readonly [string, string],
  { secondType = 0, twice = false }: TemplateShape,
): Part {
  const tokens = [opening, closing].map((role) => {
    const content = roles.get(role)?.content ?? '';
    return { id: content, ids: [added.find((token) => token.content === content)?.id], tokens: [content] };
  });
  const [open, close] = tokens as [(typeof tokens)[0], (typeof tokens)[0]];
  const special = (token: { id: string }, type_id = 0) => ({ SpecialToken: { id: token.id, type_id } });
  const text = (id: 'A' | 'B', type_id = 0) => ({ Sequence: { id, type_id } });
  const single = [special(open), text('A'), special(close)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, ...(twice ? [special(close)] : []), text('B', secondType), special(close, secondType)],
    special_tokens: Object.fromEntries(tokens.map((token) => [token.id, token])),
  };
}

function vocabularyOf(stored: Part): unknown {
  return ((stored.model ?? {}) as Part).vocab ?? {};
}

/** Some older files have a list in place of a mapping. */
function asMapping(vocab: unknown): unknown {
  if (!Array.isArray(vocab)) return vocab;
  return Object.fromEntries(vocab.map((entry, id) => [Array.isArray(entry) ? entry[0] : entry, id]));
}
