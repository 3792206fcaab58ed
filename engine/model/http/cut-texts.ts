import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { CountedText } from './provider-client.js';

/** What is sent for a text without characters, which providers refuse. */
const BLANK = ' ';

/**
 * Texts as they are sent: of at most `maxTokens` tokens, special tokens included, cut at the end of a token, and their
 * tokens. Half a surrogate pair becomes U+FFFD, and a text without characters one space.
 */
export async function cutTexts(
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

/** A prefix may have more tokens alone than it had as a part of its text; then it loses another token. */
async function cutText(tokenizer: Tokenizer, text: string, maxTokens: number): Promise<CountedText> {
  const [spans] = await tokenizer.spans([text]);
  for (let kept = maxTokens - tokenizer.specialTokens; kept > 0; kept -= 1) {
    const prefix = text.slice(0, spans!.ends[kept - 1]);
    const [encoding] = await tokenizer.encode([prefix], maxTokens);
    if (!encoding!.truncated) return { text: prefix, tokens: encoding!.ids.length };
  }
  return { text: BLANK, tokens: maxTokens };
}
