import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/**
 * Returns a tokenizer for texts that are token ids in decimal. It exists because no text consists
 * of a token such as `##ing` alone. Each text becomes that one token between the special tokens of
 * `tokenizer`'s template.
 */
export async function vocabularyTokenizer(tokenizer: Tokenizer): Promise<Tokenizer> {
  const [probe] = await tokenizer.encode(['a'], tokenizer.specialTokens + 1);
  const ids = [...probe!.ids];
  const first = ids.findIndex((id) => !tokenizer.isSpecial(id));
  const before = ids.slice(0, Math.max(0, first));
  const after = ids.slice(ids.length - (tokenizer.specialTokens - before.length));
  return {
    specialTokens: tokenizer.specialTokens,
    vocabularySize: tokenizer.vocabularySize,
    isSpecial: (id) => tokenizer.isSpecial(id),
    encode: async (texts) =>
      texts.map((text) => ({ ids: Uint32Array.of(...before, Number(text), ...after), truncated: false })),
    spans: async (texts) =>
      texts.map(({ length }) => ({ starts: Uint32Array.of(0), ends: Uint32Array.of(length) })),
  };
}
