import type { Tokenizer } from '../../engine/tokenizer/tokenizer.js';

const VOCABULARY_SIZE = 30_000;
const FIRST_WORD = 2;

/**
 * A tokenizer that makes one token of each word, cut at white space, between one first and one last
 * special token.
 */
export const testTokenizer: Tokenizer = {
  specialTokens: FIRST_WORD,
  vocabularySize: VOCABULARY_SIZE,
  isSpecial: (id) => id < FIRST_WORD,
  encode: async (texts, maxTokens) =>
    texts.map((text) => {
      const words = wordsOf(text).map(({ word }) => word);
      const kept = words.slice(0, Math.max(0, maxTokens - 2));
      return { ids: Uint32Array.from([0, ...kept.map(wordId), 1]), truncated: kept.length < words.length };
    }),
  spans: async (texts) =>
    texts.map((text) => {
      const words = wordsOf(text);
      return {
        starts: Uint32Array.from(words, ({ start }) => start),
        ends: Uint32Array.from(words, ({ start, word }) => start + word.length),
      };
    }),
};

function wordsOf(text: string): { word: string; start: number }[] {
  return [...text.matchAll(/\S+/g)].map((match) => ({ word: match[0], start: match.index }));
}

/** Hashes a word by FNV-1a. */
function wordId(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return FIRST_WORD + ((hash >>> 0) % (VOCABULARY_SIZE - FIRST_WORD));
}
