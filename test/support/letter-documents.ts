import type { CorpusLine } from './test-job.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Documents with titles, of ten letters each, which are the tiny model's words; numbered from
 * `from` on.
 */
export function letterDocuments(count: number, from = 0): CorpusLine[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const letter = (word: number) => LETTERS[(number * 5 + word * (1 + (number % 7))) % 26];
    const text = Array.from({ length: 10 }, (_, word) => letter(word)).join(' ');
    return { _id: `d${number}`, title: `Title ${number}`, text };
  });
}
