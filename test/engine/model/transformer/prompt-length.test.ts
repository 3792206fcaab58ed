import { describe, expect, test } from 'vitest';
import { countPromptTokens } from '../../../../engine/model/transformer/prompt-length.js';
import { testTokenizer } from '../../../support/test-tokenizer.js';

/** Like the tokenizers of decoders, it puts nothing after the text. */
const openEnded = {
  ...testTokenizer,
  encode: async (texts: readonly string[], maxTokens: number) =>
    (await testTokenizer.encode(texts, maxTokens)).map((encoding) => ({
      ...encoding,
      ids: encoding.ids.slice(0, -1),
    })),
};

describe('the tokens of a prompt', () => {
  test('are the first special token and those of its text', async () => {
    expect(await countPromptTokens(testTokenizer, 'query of ', 16)).toBe(3);
    expect(await countPromptTokens(openEnded, 'query of ', 16)).toBe(3);
  });

  test('are none without a prompt', async () => {
    expect(await countPromptTokens(testTokenizer, '', 16)).toBe(0);
  });

  test('are cut at the limit of a row', async () => {
    expect(await countPromptTokens(testTokenizer, 'one two three four', 4)).toBe(3);
  });
});
