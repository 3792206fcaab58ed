import { join } from 'node:path';
import type { Tokenizer as NativeTokenizer } from 'tokenizers';
import { VectormillError } from '../../core/errors.js';
import { type ContentTokens, encodeContents, spansOfContents } from './content-tokens.js';
import { cannotEncode, limitTooSmall, readNative, type TokenizerSource } from './native.js';
import type { PairTokenizer, TextPair } from './pair-tokenizer.js';

/** Special tokens and their types, at one place of the template. */
interface Specials {
  ids: readonly number[];
  types: readonly number[];
}

/** The tokens that the post-processor puts around two texts. */
interface PairTemplate {
  before: Specials;
  between: Specials;
  after: Specials;
  firstType: number;
  secondType: number;
}

/**
 * Loads the tokenizer of a model folder for pairs. Each text gets its own tokens as `loadTokenizer`
 * makes them; the file's template for pairs joins them, cut by `longest_first`.
 * Errors: those of `loadTokenizer`; MODEL_UNSUPPORTED for a template that does not put one text
 * after the other.
 */
export async function loadPairTokenizer(place: string | TokenizerSource): Promise<PairTokenizer> {
  const { native, file } = await readNative(
    typeof place === 'string' ? join(place, 'tokenizer.json') : place,
  );
  const template = await readPairTemplate(native, file);
  const { before, between, after } = template;
  const specials = [before, between, after];
  const specialTokens = specials.reduce((sum, { ids }) => sum + ids.length, 0);
  const types = [template.firstType, template.secondType, ...specials.flatMap((part) => part.types)];
  return {
    specialTokens,
    vocabularySize: native.getVocabSize(true),
    tokenTypes: Math.max(...types) + 1,
    async encodePairs(pairs, maxTokens) {
      const room = maxTokens - specialTokens;
      if (!Number.isInteger(maxTokens) || room < 2) throw limitTooSmall(maxTokens, file);
      // A query may be paired with many documents, and it is tokenised only once.
      const texts = [...new Set(pairs.flat())];
      const contents = await encodeContents(native, texts, room);
      const contentOf = new Map(texts.map((text, index) => [text, contents[index]!]));
      const counts = await countContents({ native, pairs, contentOf, room });
      return pairs.map(([first, second]) =>
        applyTemplate(template, {
          contents: [contentOf.get(first)!, contentOf.get(second)!],
          counts: [counts.get(first)!, counts.get(second)!],
          room,
        }),
      );
    },
  };
}

interface CountOptions {
  native: NativeTokenizer;
  pairs: readonly TextPair[];
  contentOf: ReadonlyMap<string, ContentTokens>;
  room: number;
}

/**
 * Counts the tokens of each text as far as the truncation rule needs. `room + 1` stands for any
 * number above `room`. Only if both texts of a pair have more than `room` and an odd token goes to
 * the longer one is the whole text counted.
 */
async function countContents({ native, pairs, contentOf, room }: CountOptions): Promise<Map<string, number>> {
  const counts = new Map(
    [...contentOf].map(([text, { ids, truncated }]) => [text, truncated ? room + 1 : ids.length]),
  );
  if (room % 2 === 0) return counts;
  const isLong = (text: string) => contentOf.get(text)!.truncated;
  const rivals = [...new Set(pairs.filter((pair) => pair.every(isLong)).flat())];
  const spans = await spansOfContents(native, rivals);
  for (const [index, text] of rivals.entries()) counts.set(text, spans[index]!.starts.length);
  return counts;
}

function applyTemplate(
  { before, between, after, firstType, secondType }: PairTemplate,
  texts: {
    contents: readonly [ContentTokens, ContentTokens];
    counts: readonly [number, number];
    room: number;
  },
) {
  const [first, second] = texts.contents;
  const kept = truncateLongestFirst(...texts.counts, texts.room);
  const parts: readonly Specials[] = [
    before,
    { ids: [...first.ids.slice(0, kept.first)], types: new Array<number>(kept.first).fill(firstType) },
    between,
    { ids: [...second.ids.slice(0, kept.second)], types: new Array<number>(kept.second).fill(secondType) },
    after,
  ];
  return {
    ids: Uint32Array.from(parts.flatMap(({ ids }) => ids)),
    tokenTypes: Uint8Array.from(parts.flatMap(({ types }) => types)),
    truncated: texts.counts[0] + texts.counts[1] > texts.room,
  };
}

/** Finds the template by encoding a pair of one-letter texts. */
async function readPairTemplate(native: NativeTokenizer, file: string): Promise<PairTemplate> {
  const probe = await native.encode('a', 'b', { addSpecialTokens: true }).catch(cannotEncode(file));
  const ids = probe.getIds();
  const types = probe.getTypeIds();
  const sequences = probe.getSequenceIds();
  const [first, second] = [0, 1].map((sequence) => ({
    start: sequences.indexOf(sequence),
    end: sequences.lastIndexOf(sequence) + 1,
  })) as [{ start: number; end: number }, { start: number; end: number }];
  if (first.start < 0 || second.start < first.end) throw unusableTemplate(file);
  const specials = (start: number, end: number): Specials => ({
    ids: ids.slice(start, end),
    types: types.slice(start, end),
  });
  return {
    before: specials(0, first.start),
    between: specials(first.end, second.start),
    after: specials(second.end, ids.length),
    firstType: types[first.start]!,
    secondType: types[second.start]!,
  };
}

function unusableTemplate(file: string): VectormillError {
  return new VectormillError(
    'MODEL_UNSUPPORTED',
    'the tokenizer does not put the second text of a pair after the first',
    {
      component: 'tokenizer',
      remedy: 'Choose another model.',
      file,
    },
  );
}

/**
 * Returns how many tokens of two texts are kept so that together they have at most `room`. The
 * longer text is cut down to the shorter one's length; after that both are cut. An odd token goes
 * to the longer text, or to the second if they are equally long. This is `longest_first` of Hugging
 * Face's `tokenizers` 0.23.3, which transformers uses (`utils/truncation.rs` there).
 */
export function truncateLongestFirst(
  first: number,
  second: number,
  room: number,
): { first: number; second: number } {
  if (first + second <= room) return { first, second };
  const shorter = Math.min(first, second);
  const half = Math.floor(room / 2);
  const [less, more] = shorter <= half ? [shorter, room - shorter] : [half, room - half];
  return first > second ? { first: more, second: less } : { first: less, second: more };
}
