import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldLines, oneLine } from '../../cli/print.js';

test('text from a corpus is printed as one line without characters that control a terminal', () => {
  expect(oneLine('a\n\u001b[31mred\u0007\u202e  b\u2028c')).toBe('a [31mred b c');
});

test('whatever the text, the line is short, trimmed and without control characters', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.integer({ min: 2, max: 50 }),
      (text, length) => {
        const line = oneLine(text, length);
        expect([...line].length).toBeLessThanOrEqual(length);
        expect(line).toBe(line.trim());
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      },
    ),
  );
});

test('a long text is cut between characters, never within one', () => {
  expect(oneLine('😀'.repeat(9), 4)).toBe('😀😀😀…');
});

test('fields stand in two columns', () => {
  expect(
    fieldLines([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toEqual(['  a     1', '  long  2']);
});
