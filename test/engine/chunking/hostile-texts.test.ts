import { beforeAll, expect, it } from 'vitest';
import { chunkDocuments } from '../../../engine/chunking/chunk-document.js';
import { packSpan } from '../../../engine/chunking/pack.js';
import type { TextSpan } from '../../../engine/chunking/span.js';
import { TokenizedText } from '../../../engine/chunking/tokenized-text.js';
import { loadTokenizer } from '../../../engine/tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../../engine/tokenizer/tokenizer.js';
import { TINY_TOKENIZER } from '../tokenizer/tokenizers-under-test.js';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(TINY_TOKENIZER);
});

/**
 * A text whose windows are given, because the segmenter takes a minute to cut a million of them.
 */
class WindowedText extends TokenizedText {
  override windows({ start, end }: TextSpan): TextSpan[] {
    return Array.from({ length: end - start }, (_, at) => ({ start: start + at, end: start + at + 1 }));
  }
}

it('a text without any place to cut is cut into more windows than a call takes arguments', () => {
  const text = 'x'.repeat(1_000_000);
  const starts = Uint32Array.from({ length: text.length }, (_, at) => at);
  const tokenized = new WindowedText(text, { starts, ends: starts });
  const span = { start: 0, end: text.length };
  expect(packSpan(tokenized, span, { sections: [], within: [] }, () => 1)).toHaveLength(text.length);
});

it('a title of one endless word is cut to what fits its room, and not repeated whole before every chunk', async () => {
  const document = { id: 'a', text: 'cat '.repeat(2000), title: 'x'.repeat(1_000_000) };
  const options = { strategy: 'recursive', maxTokens: 12, overlap: 0, prefix: ['title'] } as const;
  const [chunks] = await chunkDocuments([document], options, tokenizer);
  expect(chunks!.length).toBeGreaterThan(100);
  for (const { text } of chunks!) expect(text.length).toBeLessThan(1000);
});

it('a document whose headings would need too many prefixes keeps only its title', async () => {
  const headings = Array.from(
    { length: 6 },
    (_, level) => `${'#'.repeat(level + 1)} ${'h'.repeat(900)}\n`,
  ).join('');
  const document = { id: 'a', text: `${headings}${'###### a\n'.repeat(20_000)}`, title: 'cat' };
  const options = {
    strategy: 'recursive',
    maxTokens: 256,
    overlap: 0,
    prefix: ['title', 'headings'],
  } as const;
  const [chunks] = await chunkDocuments([document], options, tokenizer);
  expect(chunks!.every(({ text }) => text.startsWith('cat\n\n'))).toBe(true);
});
