import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { CountedText } from './provider-client.js';

/** The text that is sent in place of an empty text, which providers refuse. */
const BLANK = ' ';

/**
 * Returns the texts as they are sent, with their numbers of tokens. A text has at most `maxTokens`
 * tokens, special tokens included, and is cut at the end of a token. Half a surrogate pair becomes
 * U+FFFD, and an empty text becomes one space.
 */
export async function truncateTexts(
  tokenizer: Tokenizer,
  texts: readonly string[],
  maxTokens: number,
): Promise<CountedText[]> {
  const whole = texts.map((text) => (text === '' ? BLANK : text.toWellFormed()));
  const encodings = await tokenizer.encode(whole, maxTokens);
  const cut: CountedText[] = [];
  for (const [row, { ids, truncated }] of encodings.entries()) {
    const text = whole[row]!;
    cut.push(truncated ? await cutText(tokenizer, text, maxTokens) : { text, tokens: ids.length });
  }
  return cut;
}

/**
 * Cuts a text. A prefix may have more tokens alone than it had as a part of its text. Then it loses
 * another token.
 */
async function cutText(tokenizer: Tokenizer, text: string, maxTokens: number): Promise<CountedText> {
  const [spans] = await tokenizer.spans([text]);
  for (let kept = maxTokens - tokenizer.specialTokens; kept > 0; kept -= 1) {
    const prefix = text.slice(0, spans!.ends[kept - 1]);
    const [encoding] = await tokenizer.encode([prefix], maxTokens);
    if (!encoding!.truncated) return { text: prefix, tokens: encoding!.ids.length };
  }
  return { text: BLANK, tokens: maxTokens };
}
