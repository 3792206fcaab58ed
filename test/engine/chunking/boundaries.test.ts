import { describe, expect, it } from 'vitest';
import { cutBefore } from '../../../engine/chunking/boundaries.js';

describe('a good place to cut', () => {
  it.each([
    ['the start of a word', 'one twofold', 7, 0, 4],
    ['the very place where it is a boundary', 'one two', 4, 0, 4],
    ['the end of the text', 'one', 3, 0, 3],
    ['between two Chinese words', '你好世界', 3, 0, 2],
    ['before a word of Thai, which has no spaces', 'สวัสดีครับ', 8, 0, 6],
    ['before a joined emoji', 'x 👨‍👩‍👧 y', 7, 0, 2],
    ["before a combining mark's letter", `${'e\u0301'.repeat(3)}`.padStart(100, 'x'), 97, 0, 96],
    ['not inside a surrogate pair', '😀😀', 3, 0, 2],
    ['inside a word that begins at the last cut', 'abcdef', 4, 0, 4],
    ['inside a grapheme that begins at the last cut', `e${'\u0301'.repeat(5)}`, 3, 0, 3],
    ['after one code point where nothing else is left', '😀x', 0, 0, 2],
    ['after the last cut, even so', '😀x', 1, 0, 2],
  ])('is %s', (_name, text, at, from, expected) => {
    expect(cutBefore(text, at, from)).toBe(expected);
  });

  it('is the place itself in a word too long to search for its start', () => {
    expect(cutBefore('x'.repeat(1000), 500, 0)).toBe(500);
  });
});
