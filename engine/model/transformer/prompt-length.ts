import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/**
 * Tokens of every row that belong to the prompt before it, counted as sentence-transformers does: those of the prompt
 * alone with its special tokens, without the special token that ends it. 0 for no prompt.
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
