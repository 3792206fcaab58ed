import { canonicalJson } from '../../../core/canonical-json.js';
import type { Part } from './rebuilt-parts.js';
import type { NumberedToken } from './vocabulary-tokens.js';

/** A byte-level vocabulary has one token of one character for each of the 256 bytes. */
const BYTES = 256;

/**
 * Returns whether two tokenizer.json over the same vocabulary have the same parts, and so give
 * every text the same tokens. The different forms that versions of `tokenizers` write of a part are
 * equal. With `pairs`, the same must hold for two texts.
 */
export function isSameTokenizer(one: Part, other: Part, pairs: boolean): boolean {
  return canonicalJson(meaningOf(one, pairs)) === canonicalJson(meaningOf(other, pairs));
}

function meaningOf(tokenizer: Part, pairs: boolean) {
  const words = flat(tokenizer.pre_tokenizer, 'pretokenizers').map(preTokenizer);
  return {
    normalizers: normalizersOf(tokenizer.normalizer, words[0]?.type === 'WhitespaceSplit'),
    words,
    model: modelOf((tokenizer.model ?? {}) as Part, words),
    template: templateOf(tokenizer.post_processor, pairs),
    added: addedTokensOf(tokenizer).map(({ special: _, ...token }) => token),
  };
}

/** Returns `added_tokens` of tokenizer.json, by ascending id. */
export function addedTokensOf({ added_tokens: added }: Part): NumberedToken[] {
  return [...((added ?? []) as NumberedToken[])].sort((a, b) => a.id - b.id);
}

/**
 * Returns the parts of a sequence as a list. A sequence inside a sequence is replaced by its parts.
 */
function flat(part: unknown, key: string): Part[] {
  if (part === null || part === undefined) return [];
  const { type, [key]: parts } = part as Part;
  return type === 'Sequence'
    ? ((parts ?? []) as unknown[]).flatMap((each) => flat(each, key))
    : [part as Part];
}

function normalizersOf(normalizer: unknown, splitsWhitespace: boolean): Part[] {
  const parts = flat(normalizer, 'normalizers').filter(
    (part) => part.type !== 'Precompiled' || part.precompiled_charsmap != null,
  );
  // Words are split at white space, and SentencePiece's table has turned every kind of it into
  // spaces. How many spaces there are then makes no difference.
  const isWhiteSpaceOnly = (part: Part, at: number) => at > 0 && (part.type === 'Strip' || joinsSpaces(part));
  const kept =
    splitsWhitespace && parts[0]?.type === 'Precompiled'
      ? parts.filter((part, at) => !isWhiteSpaceOnly(part, at))
      : parts;
  return kept.map((part) => {
    if (part.type !== 'BertNormalizer') return part;
    const { clean_text = true, handle_chinese_chars = true, lowercase = true, strip_accents } = part;
    return {
      type: part.type,
      clean_text,
      handle_chinese_chars,
      lowercase,
      strip_accents: strip_accents ?? lowercase,
    };
  });
}

function joinsSpaces({ type, pattern, content }: Part): boolean {
  return type === 'Replace' && (pattern as { Regex?: unknown } | null)?.Regex === ' {2,}' && content === ' ';
}

function preTokenizer(part: Part): Part {
  if (part.type === 'ByteLevel') {
    const { add_prefix_space = true, use_regex = true } = part;
    return { type: part.type, add_prefix_space, use_regex };
  }
  if (part.type === 'Metaspace') {
    const { replacement = '▁', add_prefix_space: older = true, split = true } = part;
    const { prepend_scheme = older ? 'always' : 'never' } = part;
    return { type: part.type, replacement, prepend_scheme, split };
  }
  return part;
}

function modelOf({ vocab, merges: _, ...settings }: Part, words: readonly Part[]): Part {
  const type = settings.type ?? ('max_input_chars_per_word' in settings ? 'WordPiece' : undefined);
  if (type === 'WordPiece') {
    const {
      unk_token = '[UNK]',
      continuing_subword_prefix = '##',
      max_input_chars_per_word = 100,
    } = settings;
    return { type, unk_token, continuing_subword_prefix, max_input_chars_per_word };
  }
  if (type === 'Unigram') {
    const { unk_id = null, byte_fallback = false } = settings;
    return { type, unk_id, byte_fallback };
  }
  if (type !== 'BPE') return settings;
  const {
    dropout,
    unk_token = null,
    fuse_unk = false,
    byte_fallback = false,
    ignore_merges = false,
  } = settings;
  const isComplete = words.some((part) => part.type === 'ByteLevel') && knowsEveryByte(vocab);
  return {
    type,
    dropout: dropout || null,
    continuing_subword_prefix: settings.continuing_subword_prefix || '',
    end_of_word_suffix: settings.end_of_word_suffix || '',
    ignore_merges,
    unknown: isComplete ? null : [unk_token, fuse_unk, byte_fallback],
  };
}

/**
 * Returns whether the vocabulary has every byte. Then no text is unknown, and the unknown token
 * makes no difference.
 */
function knowsEveryByte(vocab: unknown): boolean {
  const tokens = Object.keys((vocab ?? {}) as object);
  // The letters that GPT-2 uses for the bytes are below U+0144.
  return tokens.filter((token) => token.length === 1 && token.charCodeAt(0) < 0x144).length === BYTES;
}

type Piece = readonly [what: unknown, type: unknown];

/** Returns the ids and types of what a template puts before, between and after the texts. */
function templateOf(processor: unknown, pairs: boolean): { single: Piece[]; pair: Piece[] } {
  const parts = flat(processor, 'processors').filter(({ type }) => type !== 'ByteLevel');
  const texts = {
    single: [['A', 0]],
    pair: [
      ['A', 0],
      ['B', 1],
    ],
  } satisfies Record<string, Piece[]>;
  const [part, ...others] = parts;
  const template = part === undefined ? texts : others.length > 0 ? rawTemplate(parts) : piecesOf(part);
  return { single: template.single, pair: pairs ? template.pair : [] };
}

function piecesOf(part: Part): { single: Piece[]; pair: Piece[] } {
  if (part.type === 'RobertaProcessing' || part.type === 'BertProcessing') {
    const [close, open] = [part.sep, part.cls].map((token) => (token as [string, number])[1]);
    const isBert = part.type === 'BertProcessing';
    const single: Piece[] = [
      [open, 0],
      ['A', 0],
      [close, 0],
    ];
    const between: Piece[] = isBert ? [] : [[close, 0]];
    const second = isBert ? 1 : 0;
    return { single, pair: [...single, ...between, ['B', second], [close, second]] };
  }
  if (part.type !== 'TemplateProcessing') return rawTemplate([part]);
  const special = (part.special_tokens ?? {}) as Readonly<Record<string, { ids: number[] }>>;
  const pieces = (row: unknown): Piece[] =>
    ((row ?? []) as Readonly<Record<string, { id: string; type_id: number }>>[]).flatMap((piece): Piece[] => {
      if (piece.Sequence) return [[piece.Sequence.id, piece.Sequence.type_id]];
      const { id, type_id } = piece.SpecialToken!;
      return (special[id]?.ids ?? [id]).map((number): Piece => [number, type_id]);
    });
  return { single: pieces(part.single), pair: pieces(part.pair) };
}

function rawTemplate(parts: readonly Part[]): { single: Piece[]; pair: Piece[] } {
  return { single: parts.map((part): Piece => [part, null]), pair: [] };
}
