import { stemmer } from 'stemmer';
import type { ChunkRow } from '../../core/chunk.js';
import { EDITIONS } from '../../core/editions.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/** The English words that Lucene's analyser leaves out. */
const STOP_WORDS = new Set(
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
    ' ',
  ),
);

/**
 * A word begins with a letter or a digit, because an accent that stands alone belongs to no word.
 */
const WORDS = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const LATIN = /^[a-z]+$/u;
/** Scripts without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * The invisible parts of a word: code points that Unicode says to ignore (soft hyphens, joiners and
 * non-joiners, variation selectors, marks of order and direction), control characters except white
 * space, the frames of keycaps, and the line that stretches Arabic words.
 */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: it matches control characters
const UNSEEN =
  /[\p{Default_Ignorable_Code_Point}\p{Me}\u0640\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]+/gu;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above
/** Between letters of a script without spaces, this character says where a word ends. */
const ZERO_WIDTH_SPACE = /\u200b/gu;
const ASCII = /^[\t-\r -~]*$/u;

let segmenter: Intl.Segmenter | undefined;

/**
 * The name of the rules of `lexicalTerms`. An index is only read with the rules by which it was
 * made. The segmenter's dictionaries are part of Node.
 */
export const LEXICAL_TERMS = `terms/${EDITIONS.wordSearch} icu/${process.versions.icu}`;

/**
 * Returns the terms of a text in their order, for both documents and queries. Texts are in lower
 * case, in NFKC, and without invisible characters. Terms are runs of letters and digits. Runs of
 * scripts without spaces (Chinese, Japanese, Thai, …) are split into the words that
 * `Intl.Segmenter` finds. English stop words are left out. Words of a to z are stemmed by Porter's
 * algorithm.
 */
export function lexicalTerms(text: string): string[] {
  const terms: string[] = [];
  for (const run of withoutInvisible(text).toLowerCase().match(WORDS) ?? []) {
    for (const word of UNSPACED.test(run) ? segmentsOf(run) : [run])
      if (!STOP_WORDS.has(word)) terms.push(LATIN.test(word) ? stemmer(word) : word);
  }
  return terms;
}

/**
 * Removes invisible characters twice: before normalisation, because they would keep letters and
 * their marks apart, and after it.
 */
function withoutInvisible(text: string): string {
  if (ASCII.test(text)) return text;
  const spaced = text.replace(ZERO_WIDTH_SPACE, (space, at: number) =>
    UNSPACED.test(text[at - 1] ?? '') && UNSPACED.test(text[at + 1] ?? '') ? ' ' : space,
  );
  return spaced.replace(UNSEEN, '').normalize('NFKC').replace(UNSEEN, '');
}

/**
 * Splits a run into words. The locale is fixed, so that the machine's own does not matter. ICU
 * chooses its dictionaries by script.
 */
function segmentsOf(run: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  return Array.from(segmenter.segment(run), ({ segment }) => segment);
}

/**
 * Returns the part of a chunk that word search and the cross-encoder read: its title and its text,
 * unless the job has already put the title before the text.
 */
export function lexicalTextOf({ job }: Pick<ReadableVersion, 'job'>): (row: ChunkRow) => string {
  const isPrefixed = job.spec.chunking.prefix.includes('title');
  return ({ title, text }) => (isPrefixed || title === undefined ? text : `${title} ${text}`);
}
