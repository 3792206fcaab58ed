import { beforeAll, describe, expect, it } from 'vitest';
import type { Chunk, ChunkingOptions } from '../../../core/chunk.js';
import { chunkDocuments } from '../../../engine/chunking/chunk-document.js';
import { loadTokenizer } from '../../../engine/tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../../engine/tokenizer/tokenizer.js';
import { TINY_TOKENIZER } from '../tokenizer/tokenizers-under-test.js';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(TINY_TOKENIZER);
});

async function chunk(text: string, options: Partial<ChunkingOptions>, title?: string): Promise<Chunk[]> {
  const document = { id: 'a', text, ...(title === undefined ? {} : { title }) };
  const defaults: ChunkingOptions = { strategy: 'recursive', maxTokens: 12, overlap: 0, prefix: [] };
  const [chunks] = await chunkDocuments([document], { ...defaults, ...options }, tokenizer);
  return chunks!;
}

const texts = (chunks: readonly Chunk[]) => chunks.map(({ text }) => text);

/** Returns `n` words of one token each. */
const words = (n: number, word = 'cat') => Array.from({ length: n }, () => word).join(' ');

describe('the strategy none', () => {
  it('keeps the whole text as one chunk and says that it is truncated', async () => {
    const text = `  ${words(30)}\n`;
    expect(await chunk(text, { strategy: 'none' })).toEqual([
      { index: 0, charStart: 0, charEnd: text.length, text, nTokens: 12, truncated: true },
    ]);
  });

  it('does not call a text truncated that fits exactly', async () => {
    expect(await chunk(words(10), { strategy: 'none' })).toMatchObject([{ nTokens: 12, truncated: false }]);
  });
});

describe('the strategy fixed', () => {
  it('cuts windows of as many tokens as fit beside the special tokens', async () => {
    const chunks = await chunk(words(25), { strategy: 'fixed' });
    expect(texts(chunks)).toEqual([words(10), words(10), words(5)]);
    expect(chunks.map(({ charStart, charEnd }) => [charStart, charEnd])).toEqual([
      [0, 39],
      [40, 79],
      [80, 99],
    ]);
  });

  it('lets neighbours share the overlap, and ends with the text', async () => {
    const text = 'one two three the of and to in is it for on with as this that';
    expect(texts(await chunk(text, { strategy: 'fixed', overlap: 4 }))).toEqual([
      'one two three the of and to in is it',
      'to in is it for on with as this that',
    ]);
  });

  it('shares nothing if the overlap would grow to more than half of a window', async () => {
    const text = `cat abcd_efgh ${words(8, 'dog')}`;
    expect(texts(await chunk(text, { strategy: 'fixed', overlap: 2 }))).toEqual([
      'cat abcd_efgh',
      words(8, 'dog'),
    ]);
  });

  it('has no chunk that lies wholly in the one before it', async () => {
    expect(texts(await chunk('a-b/c_dcat', { strategy: 'fixed', maxTokens: 8, overlap: 1 }))).toEqual([
      'a-b/',
      'c_dcat',
    ]);
  });

  it('cuts before a word rather than inside it', async () => {
    expect(texts(await chunk(`${words(8)} abcd ${words(3)}`, { strategy: 'fixed' }))).toEqual([
      words(8),
      `abcd ${words(3)}`,
    ]);
  });

  it('cuts inside a word that is longer than a window', async () => {
    expect(texts(await chunk('abcdefghijklmnop', { strategy: 'fixed', maxTokens: 10 }))).toEqual([
      'abcdefgh',
      'ijklmnop',
    ]);
  });
});

describe('the strategy sentence', () => {
  it('joins as many sentences as fit', async () => {
    const text = 'One cat sat. Two cat sat.  Three cat sat on. A dog.';
    expect(texts(await chunk(text, { strategy: 'sentence' }))).toEqual([
      'One cat sat. Two cat sat.',
      'Three cat sat on. A dog.',
    ]);
  });

  it('cuts a sentence over the limit into windows', async () => {
    expect(texts(await chunk(`A cat. Cat ${words(14)}. A dog.`, { strategy: 'sentence' }))).toEqual([
      'A cat.',
      `Cat ${words(9)}`,
      `${words(5)}. A dog.`,
    ]);
  });

  it('cuts Chinese at its full stops', async () => {
    expect(texts(await chunk('你好世界。'.repeat(4), { strategy: 'sentence' }))).toEqual([
      '你好世界。你好世界。',
      '你好世界。你好世界。',
    ]);
  });
});

describe('the strategy recursive', () => {
  it('joins small sections and cuts a large text at its highest headings', async () => {
    const text = `# one\n\ncat\n\n## two\n\ncat\n\n# three\n\n${words(6)}\n`;
    expect(texts(await chunk(text, { maxTokens: 10 }))).toEqual([
      '# one\n\ncat\n\n## two\n\ncat',
      `# three\n\n${words(6)}`,
    ]);
  });

  it('does not join the end of a section that was cut with the next section', async () => {
    const text = `# one\n\n${words(14)}\n\n# two\n\ncat`;
    expect(texts(await chunk(text, {}))).toEqual([`# one\n\n${words(8)}`, words(6), '# two\n\ncat']);
  });

  it('joins the end of a paragraph that was cut with the next paragraph', async () => {
    expect(texts(await chunk(`${words(14)}\n\none two`, {}))).toEqual([words(10), `${words(4)}\n\none two`]);
  });

  it('keeps a heading with the text under it', async () => {
    const text = `${words(5)}\n\n## title\n\n${words(5)}\n\n${words(8)}`;
    expect(texts(await chunk(text, {}))).toEqual([words(5), `## title\n\n${words(5)}`, words(8)]);
  });

  it('keeps a heading with the first part of a paragraph that is too long', async () => {
    const text = `## title\n\n${words(5)}. Cat ${words(20)}`;
    const chunks = texts(await chunk(text, {}));
    expect(chunks[0]).toBe(`## title\n\n${words(5)}.`);
    expect(texts(await chunk(`## title\n\n${words(20)}`, {}))[0]).toBe(`## title\n\n${words(7)}`);
  });

  it('cuts at paragraphs before it cuts at sentences', async () => {
    const text = `One cat. Two cat.\n\n${words(4)}. ${words(4)}.`;
    expect(texts(await chunk(text, { maxTokens: 14 }))).toEqual([
      'One cat. Two cat.',
      `${words(4)}. ${words(4)}.`,
    ]);
  });

  it('cuts a list at its items and a table at its rows', async () => {
    expect(texts(await chunk('- one two\n- three\n  cat sat\n- cat. dog. mat', {}))).toEqual([
      '- one two\n- three\n  cat sat',
      '- cat. dog. mat',
    ]);
    expect(texts(await chunk('| a | b |\n| one | two |\n| c | d |', {}))).toEqual([
      '| a | b |\n| one | two |',
      '| c | d |',
    ]);
  });

  it('takes a number sign in fenced code as code', async () => {
    const text = '```\n# one two three\ncat sat on\n# the mat\n```';
    expect(texts(await chunk(text, { maxTokens: 14, prefix: ['headings'] }))).toEqual([
      '```\n# one two three\ncat sat on',
      '# the mat\n```',
    ]);
  });

  it('reads CRLF as line ends', async () => {
    const text = `# one\r\n\r\n${words(7)}\r\n\r\n${words(9)}\r\n`;
    expect(texts(await chunk(text, {}))).toEqual([`# one\r\n\r\n${words(7)}`, words(9)]);
  });
});

describe('any strategy that cuts', () => {
  const strategies = ['fixed', 'sentence', 'recursive'] as const;

  it.each(strategies)(
    '%s leaves a text that fits whole, without the white space around it',
    async (strategy) => {
      expect(await chunk(' \n😀 cat. Two\n\n# three \n', { strategy })).toMatchObject([
        { charStart: 2, charEnd: 21, text: '😀 cat. Two\n\n# three', truncated: false },
      ]);
    },
  );

  it.each(strategies)('%s has no chunk for a blank text', async (strategy) => {
    for (const text of ['', ' \r\n\t\u3000'])
      expect(await chunk(text, { strategy, prefix: ['title'] }, 'cat')).toEqual([]);
  });

  it.each(strategies)('%s counts spans in code points', async (strategy) => {
    const chunks = await chunk('😀 '.repeat(20), { strategy });
    expect(chunks.map(({ charStart, charEnd }) => [charStart, charEnd])).toEqual([
      [0, 19],
      [20, 39],
    ]);
  });

  it.each(strategies)(
    '%s cuts a piece again if it has more tokens alone than in its text',
    async (strategy) => {
      // In the text, a word of over 20 letters is one unknown token; when it is cut out, its parts
      // are many tokens.
      const text = `${'\u200b'.repeat(60)}${'ab'.repeat(70)}`.repeat(30);
      const chunks = await chunk(`${text} ${words(30)}`, { strategy, maxTokens: 6 });
      for (const { nTokens, truncated } of chunks) {
        expect(nTokens).toBeLessThanOrEqual(6);
        expect(truncated).toBe(false);
      }
    },
  );

  it.each(strategies)('%s can cut texts without any good place to cut', async (strategy) => {
    for (const unit of ['a', '.', '你', '😀', '#', '\u200b', '\u0301', 'ส', '`']) {
      const chunks = await chunk(unit.repeat(20_000), { strategy, maxTokens: 64 });
      expect(chunks[0]!.charStart).toBe(0);
      expect(chunks.at(-1)!.charEnd).toBe(20_000);
      expect(chunks.every(({ truncated }) => !truncated)).toBe(true);
    }
  });

  it.each(strategies)('%s can cut a document of a megabyte', async (strategy) => {
    const text = `# two\n\n${words(12, 'sentence')}. ${words(8, '世界')}\n\n`.repeat(7000);
    const chunks = await chunk(text, { strategy, maxTokens: 256, prefix: ['headings'] });
    expect(chunks.length).toBeGreaterThan(700);
    expect(Math.max(...chunks.map(({ nTokens }) => nTokens))).toBeLessThanOrEqual(256);
  });
});

describe('the prefix', () => {
  const text = `# one\n\n## two\n\n${words(6)}\n\n${words(6)}\n\n## three\n\n${words(6)}`;

  it('is the title and the headings in force where the chunk begins, without those in the chunk itself', async () => {
    expect(texts(await chunk(text, { maxTokens: 16, prefix: ['title', 'headings'] }, 'hello'))).toEqual([
      `hello\n\n# one\n\n## two\n\n${words(6)}`,
      `hello > one > two\n\n${words(6)}`,
      `hello > one\n\n## three\n\n${words(6)}`,
    ]);
  });

  it('is counted in the limit but not in the span', async () => {
    const [first, second] = await chunk(words(14), { prefix: ['title'] }, 'hello world');
    expect(first).toMatchObject({
      charStart: 0,
      charEnd: 31,
      nTokens: 12,
      text: `hello world\n\n${words(8)}`,
    });
    expect(second).toMatchObject({ charStart: 32, charEnd: 55, text: `hello world\n\n${words(6)}` });
  });

  it('does not repeat a title that is the first heading, and is left out if there is no title', async () => {
    const cut = { maxTokens: 12, prefix: ['title', 'headings'] as const };
    expect(texts(await chunk(`# cat\n\n${words(6)}\n\n${words(6)}`, cut, 'cat'))[1]).toBe(
      `cat\n\n${words(6)}`,
    );
    expect(texts(await chunk(words(12), cut, ' '))).toEqual([words(10), words(2)]);
  });

  it('is cut at a token if it would take more than half of the room', async () => {
    const chunks = await chunk(words(10), { prefix: ['title'] }, words(50, 'hello'));
    expect(texts(chunks)).toEqual([
      `${words(5, 'hello')}\n\n${words(5)}`,
      `${words(5, 'hello')}\n\n${words(5)}`,
    ]);
  });

  it('is also put before a text that is not cut', async () => {
    expect(texts(await chunk(words(30), { strategy: 'none', prefix: ['title'] }, 'hello'))).toEqual([
      `hello\n\n${words(30)}`,
    ]);
  });

  it('is on one line whatever the title holds', async () => {
    expect(texts(await chunk('cat', { prefix: ['title'] }, ' hello\r\n world '))).toEqual([
      'hello world\n\ncat',
    ]);
  });
});

describe('options that cannot work', () => {
  it.each([
    ['a limit without room for text', { maxTokens: 2 }],
    ['a limit that is not a whole number', { maxTokens: 12.5 }],
    ['an overlap of more than half of the limit', { overlap: 7 }],
    ['a negative overlap', { overlap: -1 }],
  ])('%s are refused', async (_name, options) => {
    await expect(chunk('cat', options)).rejects.toMatchObject({ code: 'JOB_INVALID', component: 'chunking' });
  });
});
