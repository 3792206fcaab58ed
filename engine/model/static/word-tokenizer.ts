import type { Encoding, Tokenizer, TokenSpans } from '../../tokenizer/tokenizer.js';

/** Raised whenever a text may come to have other tokens; part of the fingerprint. */
export const WORD_RULES = 'words 1';

const RUN = /\S+/gu;

/** Words with their marks and digits; an ending such as `'s`; any other character by itself. */
const PART = /[\p{L}\p{M}\p{N}]+|(?<=\p{L})['’]\p{L}+|./gsu;

interface Word {
  id: number;
  /** UTF-16 units of the text: start inclusive, end exclusive. */
  start: number;
  end: number;
}

/**
 * The words of a text that a table of word vectors has. A run between white space is one token where the table has it as it
 * is or in lower case (`U.S.`, `state-of-the-art`, `:-)`); any other run is taken apart into words, endings such as
 * `'s`, and single signs, each looked up in the same way. What the table lacks counts for the token limit and for nothing else:
 * its id is the number of words.
 */
export class WordTokenizer implements Tokenizer {
  readonly specialTokens = 0;
  readonly vocabularySize: number;
  readonly unknownId: number;

  constructor(private readonly words: ReadonlyMap<string, number>) {
    this.unknownId = words.size;
    this.vocabularySize = words.size + 1;
  }

  isSpecial(): boolean {
    return false;
  }

  async encode(texts: readonly string[], maxTokens: number): Promise<Encoding[]> {
    return texts.map((text) => {
      const ids: number[] = [];
      for (const { id } of this.#wordsOf(text)) {
        if (ids.length === maxTokens) return { ids: Uint32Array.from(ids), truncated: true };
        ids.push(id);
      }
      return { ids: Uint32Array.from(ids), truncated: false };
    });
  }

  async spans(texts: readonly string[]): Promise<TokenSpans[]> {
    return texts.map((text) => {
      const words = [...this.#wordsOf(text)];
      return {
        starts: Uint32Array.from(words, ({ start }) => start),
        ends: Uint32Array.from(words, ({ end }) => end),
      };
    });
  }

  *#wordsOf(text: string): Generator<Word> {
    for (const { 0: run, index } of text.matchAll(RUN)) {
      const id = this.#idOf(run);
      if (id !== undefined) yield { id, start: index, end: index + run.length };
      else
        for (const { 0: part, index: at } of run.matchAll(PART)) {
          const start = index + at;
          yield { id: this.#idOf(part) ?? this.unknownId, start, end: start + part.length };
        }
    }
  }

  #idOf(word: string): number | undefined {
    return this.words.get(word) ?? this.words.get(word.normalize('NFC').toLowerCase().replace('’', "'"));
  }
}
