import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieceStarts, prefixEnd } from '../../../engine/tokenizer/pieces.js';

describe('the pieces of a long text', () => {
  it('are one for a short text', () => {
    expect(pieceStarts('')).toEqual([0]);
    expect(pieceStarts('word '.repeat(1000))).toEqual([0]);
  });

  it('begin with white space, so that no word is cut', () => {
    const text = 'some words of a text\n'.repeat(20_000);
    const starts = pieceStarts(text);
    expect(starts.length).toBeGreaterThan(10);
    for (const start of starts.slice(1)) expect(text[start]).toMatch(/\s/);
  });

  it('stay bounded if there is no white space, and never begin inside a surrogate pair', () => {
    const text = `x${'😀'.repeat(300_000)}`;
    const starts = pieceStarts(text);
    expect(starts.length).toBeGreaterThan(2);
    for (const start of starts) expect(text.slice(start).isWellFormed()).toBe(true);
  });

  it('are in order and bounded', () => {
    const words = fc.array(fc.constantFrom('a', '\n', ' ', '世', '😀', 'x'.repeat(3000), ' '.repeat(5000)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join('');
        const starts = [...pieceStarts(text), text.length];
        for (const [i, start] of starts.slice(1).entries()) {
          expect(start - starts[i]!).toBeLessThanOrEqual(1 << 18);
          expect(start).toBeGreaterThanOrEqual(starts[i]!);
        }
      }),
      { seed: 3 },
    );
  });
});

describe('the prefix of a long text', () => {
  it('is the whole text if the rest would be small', () => {
    expect(prefixEnd('abcdef', 3)).toBe(6);
    expect(prefixEnd('abcdefg', 3)).toBe(3);
  });

  it('never ends inside a surrogate pair', () => {
    expect(prefixEnd('😀😀😀😀', 3)).toBe(2);
  });
});
