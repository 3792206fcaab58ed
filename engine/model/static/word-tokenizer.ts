import type { Encoding, Tokenizer, TokenSpans } from '../../tokenizer/tokenizer.js';

/** Part of the fingerprint. Raise it whenever a text may get other tokens. */
export const WORD_RULES = 'words 1';

const RUN = /\S+/gu;

/** A word with its marks and digits, an ending such as `'s`, or any other single character. */
const PART = /[\p{L}\p{M}\p{N}]+|(?<=\p{L})['’]\p{L}+|./gsu;

interface Word {
  id: number;
  /** The place in the text in UTF-16 units; `start` is inclusive, `end` exclusive. */
  start: number;
  end: number;
}

/**
 * Finds the words of a text in a table of word vectors. A run between white space is one token if
 * the table has it as it is or in lower case (`U.S.`, `state-of-the-art`, `:-)`). Any other run is
 * split into words, endings such as `'s`, and single signs, each of which is looked up in the same
 * way. What the table lacks counts toward the token limit, but is otherwise ignored; its id is the
 * number of words.
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
