import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineStarts, sentenceStarts } from '../../../engine/chunking/sentences.js';

function sentences(text: string): string[] {
  const starts = [0, ...sentenceStarts(text, { start: 0, end: text.length })];
  return starts.map((start, i) => text.slice(start, starts[i + 1]).trim());
}

describe('sentences', () => {
  it('end at a full stop, not inside a number', () => {
    expect(sentences('It costs 3.14 a piece. Is that much? No!')).toEqual([
      'It costs 3.14 a piece.',
      'Is that much?',
      'No!',
    ]);
  });

  it('go on over the line ends of wrapped prose, CRLF or not', () => {
    expect(sentences('This one is\nwrapped. This one\r\nalso is.')).toEqual([
      'This one is\nwrapped.',
      'This one\r\nalso is.',
    ]);
  });

  it('end at a blank line', () => {
    expect(sentences('a line\n \t\nanother line\r\n\r\nthe last')).toEqual([
      'a line',
      'another line',
      'the last',
    ]);
  });

  it('end at Chinese full stops, which no space follows', () => {
    expect(sentences('你好。世界！是的？')).toEqual(['你好。', '世界！', '是的？']);
  });

  it('are the same in a long text as in a short one', () => {
    const text = 'A sentence of some words. Is this another? 中文。'.repeat(500);
    expect(sentences(text)).toEqual(
      Array.from({ length: 500 }, () => ['A sentence of some words.', 'Is this another?', '中文。']).flat(),
    );
  });

  it('may be far longer than the slices that the segmenter gets', () => {
    const long = 'word '.repeat(5000);
    expect(sentences(`${long}end. Next one.`)).toEqual([`${long}end.`, 'Next one.']);
  });
});

describe('starts of lines and sentences', () => {
  it('skip white space, ascend, and lie inside the span', () => {
    const text = fc
      .array(fc.constantFrom('a', 'B.', ' ', '\n', '\r\n', '。', '😀', '\t'))
      .map((bits) => bits.join(''));
    fc.assert(
      fc.property(text, fc.nat(20), fc.nat(20), (content, a, b) => {
        const span = { start: Math.min(a, b, content.length), end: Math.min(Math.max(a, b), content.length) };
        for (const positions of [lineStarts(content, span), sentenceStarts(content, span)]) {
          for (const [i, at] of positions.entries()) {
            expect(at).toBeGreaterThan(positions[i - 1] ?? span.start);
            expect(at).toBeLessThan(span.end);
            expect(content[at]).toMatch(/\S/);
          }
        }
      }),
      { seed: 3 },
    );
  });

  it('of lines are one for each line with text', () => {
    const text = 'one\ntwo\r\n\n  three\n';
    expect(lineStarts(text, { start: 0, end: text.length })).toEqual([4, 12]);
  });
});
