import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHUNKING_STRATEGIES, type Chunk, type ChunkingOptions } from '../../../core/chunk.js';
import type { Document } from '../../../core/document.js';
import { chunkDocuments } from '../../../engine/chunking/chunk-document.js';
import { loadTokenizer } from '../../../engine/tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../../engine/tokenizer/tokenizer.js';
import { TOKENIZERS } from '../tokenizer/tokenizers-under-test.js';

/**
 * Pieces of text that have made chunkers fail: scripts, lengths, line ends, Markdown and what looks
 * like it.
 */
const bit = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'cat',
      'The first sentence. ',
      'word ',
      'unknownlongword',
      'a-b/c_d',
      '3.14',
      ' ',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '\n',
      '\n\n',
      '\r\n',
      '\r\n\r\n',
      '# Heading\n',
      '## 二\n',
      'Title\n===\n',
      '\t',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '```js\n',
      '```\n',
      '| a | b |\n',
      '- item\n',
      '1. item\n',
      '---\n',
      '~~~~\n',
      '> q\n',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '你好，世界。',
      '中文字！',
      'สวัสดีครับ',
      'שָׁלוֹם',
      '😀',
      '👨‍👩‍👧',
      'e\u0301',
      '한국어',
      'İß',
      'ﷺ',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '[SEP]',
      '\u200b',
      '\u0000',
      '\ufeff',
      '!?!?…',
      'x'.repeat(150),
      '\u0301'.repeat(9),
      '\u2028',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
);
const text = fc.array(bit, { maxLength: 120, size: 'max' }).map((bits) => bits.join(''));
const documents = fc.array(fc.record({ text, title: fc.oneof(fc.constant('A title'), text) }), {
  maxLength: 3,
});
const limits = fc.integer({ min: 8, max: 40 });
const prefixes = fc.subarray<'title' | 'headings'>(['title', 'headings']);
/**
 * Inputs that once broke a property: overlaps with long words, and with chunks that had to be cut
 * again.
 */
const examples: [{ text: string; title: string }[], number, ('title' | 'headings')[], number][] = [
  [[{ text: 'a-b/c_dcat', title: '' }], 8, [], 0.125],
  [[{ text: 'a-b/c_dשָׁלוֹם', title: '' }], 8, [], 0.125],
  [[{ text: 'catunknownlongword\u200bunknownlongword', title: '' }], 8, [], 0.25],
  [[{ text: '```js\n😀שָׁלוֹם3.14你好，世界。', title: '' }], 8, [], 0.25],
  [
    [
      {
        text: '你好，世界。catTitle\n===\n3.14cata-b/c_dcat你好，世界。👨‍👩‍👧',
        title: '```js\n',
      },
    ],
    37,
    ['title', 'headings'],
    0.40540540540540543,
  ],
];
const overlapShare = fc.double({ min: 0, max: 0.5, noNaN: true });

interface Case {
  documents: Document[];
  options: ChunkingOptions;
}

describe.each(TOKENIZERS)('chunking by $name', ({ folder, present }) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    if (present) tokenizer = await loadTokenizer(folder);
  });

  describe.skipIf(!present).each(CHUNKING_STRATEGIES)('with the strategy %s', (strategy) => {
    /** Runs a check on the chunks of random documents under random options. */
    const holds = (check: (chunks: Chunk[][], sample: Case) => Promise<void> | void) =>
      fc.assert(
        fc.asyncProperty(
          documents,
          limits,
          prefixes,
          overlapShare,
          async (some, maxTokens, prefix, share) => {
            const overlap = strategy === 'fixed' ? Math.floor(maxTokens * share) : 0;
            const sample = {
              documents: some.map((document, i) => ({ id: String(i), ...document })),
              options: { strategy, maxTokens, overlap, prefix },
            };
            await check(await chunkDocuments(sample.documents, sample.options, tokenizer), sample);
          },
        ),
        { numRuns: 60, seed: 3, examples },
      );

    it('no chunk is embedded with more tokens than the limit', () =>
      holds(async (chunks, { options }) => {
        const all = chunks.flat();
        const whole = await tokenizer.encode(
          all.map((chunk) => chunk.text),
          1_000_000,
        );
        for (const [i, chunk] of all.entries()) {
          const tokens = whole[i]!.ids.length;
          const uncuttable = [...chunk.text].length === 1;
          if (strategy !== 'none' && !uncuttable) expect(tokens).toBeLessThanOrEqual(options.maxTokens);
          expect(chunk.nTokens).toBe(Math.min(tokens, options.maxTokens));
          expect(chunk.truncated).toBe(tokens > options.maxTokens);
        }
      }));

    it('every character that is not white space lies in a span', () =>
      holds((chunks, sample) => {
        for (const [i, document] of sample.documents.entries()) {
          const covered = new Set<number>();
          for (const { charStart, charEnd } of chunks[i]!)
            for (let at = charStart; at < charEnd; at++) covered.add(at);
          const left = [...document.text].filter(
            (character, at) => !covered.has(at) && /\S/u.test(character),
          );
          expect(left).toEqual([]);
        }
      }));

    it('the span of a chunk cuts exactly the embedded text out of the document', () =>
      holds((chunks, { documents, options }) => {
        for (const [i, document] of documents.entries()) {
          const codePoints = [...document.text];
          for (const chunk of chunks[i]!) {
            const span = codePoints.slice(chunk.charStart, chunk.charEnd).join('');
            if (options.prefix.length === 0) expect(chunk.text).toBe(span);
            else expect(chunk.text.endsWith(span)).toBe(true);
            expect(chunk.text.isWellFormed()).toBe(document.text.isWellFormed());
          }
        }
      }));

    it('chunks are numbered, in order, and overlap only if the options ask for it', () =>
      holds((chunks, { options }) => {
        for (const ofDocument of chunks) {
          for (const [i, chunk] of ofDocument.entries()) {
            const before = ofDocument[i - 1];
            expect(chunk.index).toBe(i);
            expect(chunk.charEnd).toBeGreaterThan(chunk.charStart);
            if (!before) continue;
            expect(chunk.charStart).toBeGreaterThan(before.charStart);
            expect(chunk.charEnd).toBeGreaterThan(before.charEnd);
            if (options.overlap === 0) expect(chunk.charStart).toBeGreaterThanOrEqual(before.charEnd);
          }
        }
      }));

    it('a document gives the same chunks again, whatever other documents are beside it', () =>
      holds(async (chunks, { documents, options }) => {
        for (const [i, document] of documents.entries())
          expect(await chunkDocuments([document], options, tokenizer)).toEqual([chunks[i]]);
      }));

    it('a chunk chunked again stays whole', () =>
      holds(async (chunks, { options }) => {
        if (strategy === 'none') return;
        const plain = { ...options, prefix: [] };
        const texts = chunks.flat().map(({ text }, i) => ({ id: String(i), text }));
        const again = await chunkDocuments(texts, plain, tokenizer);
        expect(again.map((ofChunk) => ofChunk.map((chunk) => chunk.text))).toEqual(
          texts.map((one) => [one.text]),
        );
      }));

    it('a prefix takes at most half of the room', () =>
      holds(async (chunks, { documents, options }) => {
        const heads = documents.flatMap((document, i) => {
          const codePoints = [...document.text];
          return chunks[i]!.map(({ charStart, charEnd, text }) =>
            text.slice(0, text.length - codePoints.slice(charStart, charEnd).join('').length),
          );
        });
        for (const { ids } of await tokenizer.encode(heads, 1_000_000))
          expect(ids.length - 2).toBeLessThanOrEqual((options.maxTokens - 2) / 2);
      }));
  });
});
