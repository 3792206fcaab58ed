import { stemmer } from 'stemmer';
import { EDITIONS } from '../../core/editions.js';

/** The English words that Lucene's analyser leaves out. */
const STOP_WORDS = new Set(
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
    ' ',
  ),
);

/** Runs begin with a letter or a digit: what is left of an accent that stands alone belongs to no word. */
const WORDS = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const LATIN = /^[a-z]+$/u;
/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * What nobody sees in a word: code points that Unicode says to ignore (soft hyphens, joiners and non-joiners, variation
 * selectors, marks of order and direction), control characters but white space, the frames of keycaps, and the line by
 * which Arabic words are stretched.
 */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSEEN =
  /[\p{Default_Ignorable_Code_Point}\p{Me}\u0640\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]+/gu;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above
/** Between letters of a script without spaces it says where a word ends. */
const ZERO_WIDTH_SPACE = /\u200b/gu;
const ASCII = /^[\t-\r -~]*$/u;

let segmenter: Intl.Segmenter | undefined;

/**
 * Names what `lexicalTerms` does; an index is only read with the terms it was made with. The segmenter's dictionaries
 * come with Node.
 */
export const LEXICAL_TERMS = `terms/${EDITIONS.wordSearch} icu/${process.versions.icu}`;

/**
 * The terms of a text in their order, for documents and queries alike: runs of letters and digits as people see them,
 * without invisible characters, NFKC and in lower case; runs of scripts without spaces (Chinese, Japanese, Thai, …) as
 * the words that `Intl.Segmenter` sees; English stop words left out; words of a to z stemmed by Porter's algorithm.
 */
export function lexicalTerms(text: string): string[] {
  const terms: string[] = [];
  for (const run of asSeen(text).toLowerCase().match(WORDS) ?? []) {
    for (const word of UNSPACED.test(run) ? segmentsOf(run) : [run])
      if (!STOP_WORDS.has(word)) terms.push(LATIN.test(word) ? stemmer(word) : word);
  }
  return terms;
}

/** What is unseen goes before letters and their marks are put together, which it would keep apart, and after it. */
function asSeen(text: string): string {
  if (ASCII.test(text)) return text;
  const spaced = text.replace(ZERO_WIDTH_SPACE, (space, at: number) =>
    UNSPACED.test(text[at - 1] ?? '') && UNSPACED.test(text[at + 1] ?? '') ? ' ' : space,
  );
  return spaced.replace(UNSEEN, '').normalize('NFKC').replace(UNSEEN, '');
}

/** The locale is fixed so that no machine's own counts; ICU chooses its dictionaries by script. */
function segmentsOf(run: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  return Array.from(segmenter.segment(run), ({ segment }) => segment);
}
