import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/**
 * Returns the same tokenizer, but it reads at most the first `characters` code points of each text,
 * as model2vec does before it tokenises.
 */
export function limitCharacters(tokenizer: Tokenizer, characters: number): Tokenizer {
  return {
    specialTokens: tokenizer.specialTokens,
    vocabularySize: tokenizer.vocabularySize,
    isSpecial: (id) => tokenizer.isSpecial(id),
    spans: (texts) => tokenizer.spans(texts),
    async encode(texts, maxTokens) {
      const ends = texts.map((text) => endOf(text, characters));
      const encodings = await tokenizer.encode(
        texts.map((text, index) => text.slice(0, ends[index])),
        maxTokens,
      );
      return encodings.map(({ ids, truncated }, index) => ({
        ids,
        truncated: truncated || ends[index]! < texts[index]!.length,
      }));
    },
  };
}

/** Returns the position where the first `characters` code points of a text end, in UTF-16 units. */
function endOf(text: string, characters: number): number {
  if (text.length <= characters) return text.length;
  let end = 0;
  for (let count = 0; count < characters && end < text.length; count++)
    end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return end;
}
