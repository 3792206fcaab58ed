import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/**
 * Returns the number of tokens of every row that belong to the prompt, counted as
 * sentence-transformers does: the tokens of the prompt alone with its special tokens, without the
 * special token at its end. It is 0 without a prompt.
 */
export async function countPromptTokens(
  tokenizer: Tokenizer,
  prompt: string,
  maxTokens: number,
): Promise<number> {
  if (prompt === '') return 0;
  const [encoding] = await tokenizer.encode([prompt], maxTokens);
  const ids = encoding!.ids;
  return tokenizer.isSpecial(ids.at(-1) ?? -1) ? ids.length - 1 : ids.length;
}
