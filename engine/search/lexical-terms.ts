import { stemmer } from 'stemmer';

/** The English words that Lucene's analyser leaves out. */
const STOP_WORDS = new Set(
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
    ' ',
  ),
);

const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
const LATIN = /^[a-z]+$/u;
/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

let segmenter: Intl.Segmenter | undefined;

/**
 * Names what `lexicalTerms` does; an index is only read with the terms it was made with. The segmenter's dictionaries
 * come with Node.
 */
export const LEXICAL_TERMS = `terms/1 icu/${process.versions.icu}`;

/**
 * The terms of a text in their order, for documents and queries alike: runs of letters and digits, NFKC and in lower
 * case; runs of scripts without spaces (Chinese, Japanese, Thai, …) as the words that `Intl.Segmenter` sees; English
 * stop words left out; words of a to z stemmed by Porter's algorithm.
 */
export function lexicalTerms(text: string): string[] {
  const terms: string[] = [];
  for (const run of text.normalize('NFKC').toLowerCase().match(WORDS) ?? []) {
    for (const word of UNSPACED.test(run) ? segmentsOf(run) : [run])
      if (!STOP_WORDS.has(word)) terms.push(LATIN.test(word) ? stemmer(word) : word);
  }
  return terms;
}

/** The locale is fixed so that no machine's own counts; ICU chooses its dictionaries by script. */
function segmentsOf(run: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  return Array.from(segmenter.segment(run), ({ segment }) => segment);
}
