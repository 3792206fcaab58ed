import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lexicalTerms } from '../../../engine/search/lexical-terms.js';

describe('the terms of a text', () => {
  test.each([
    ['words in lower case, stemmed, without stop words', 'The Mills are grinding', ['mill', 'grind']],
    ['codes and numbers as they are', 'IL-10, p53 & 1,000 μg', ['il', '10', 'p53', '1', '000', 'μg']],
    ['full-width and ligature forms as the plain ones', 'Ｇｒａｉｎ ﬁne', ['grain', 'fine']],
    ['letters of other scripts as they are', 'Мельница ÄPFEL', ['мельница', 'äpfel']],
    ['words without the accents that stand beside them', 'rock´n´roll', ['rock', 'n', 'roll']],
    ['nothing for punctuation', ' … — ! ', []],
    ['nothing for an empty text', '', []],
  ])('are %s', (_, text, terms) => {
    expect(lexicalTerms(text)).toEqual(terms);
  });

  test.each([
    ['soft hyphens', 'data\u00adbase', 'database'],
    ['a byte order mark', '\ufeffdatabase', 'database'],
    ['spaces of no width', 'data\u200bbase', 'database'],
    ['a word joiner', 'data\u2060base', 'database'],
    ['marks of direction', '\u200edata\u202abase\u202c', 'database'],
    ['control characters', 'data\u0002base', 'database'],
    ['a joiner between a letter and its accent', 'cafe\u034f\u0301', 'café'],
    ['joiners in Devanagari', 'क\u094d\u200dष', 'क\u094dष'],
    ['a non-joiner in Persian', 'می\u200cخواهم', 'میخواهم'],
    ['the line that stretches Arabic', 'محـمد \ufe71', 'محمد'],
    ['variation selectors', '葛\u{e0100}飾', '葛飾'],
    ['the frame of a keycap', '1\ufe0f\u20e3', '1'],
    ['Hangul fillers', 'wi\u3164nd', 'wind'],
  ])('are the same with %s and without', (_, text, plain) => {
    expect(lexicalTerms(text)).toEqual(lexicalTerms(plain));
    expect(lexicalTerms(text).join('')).not.toBe('');
  });

  test('are the same however a text is composed, and with any ignorable character in any place', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'é', 'ﬁ', 'ガ', '한', 'ά', 'Ｑ', '²', ' '),
      maxLength: 12,
    });
    const ignorable = fc.constantFrom(
      '\u00ad',
      '\u200c',
      '\u200d',
      '\u2060',
      '\ufeff',
      '\ufe0f',
      '\u061c',
      '\u{e0001}',
    );
    fc.assert(
      fc.property(letters, fc.nat(), ignorable, (text, at, unseen) => {
        const terms = lexicalTerms(text);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'])
          expect(lexicalTerms(text.normalize(form))).toEqual(terms);
        const decomposed = text.normalize('NFD');
        const place = at % (decomposed.length + 1);
        expect(lexicalTerms(decomposed.slice(0, place) + unseen + decomposed.slice(place))).toEqual(terms);
      }),
    );
  });

  test('end at a zero-width space if a script has no other spaces', () => {
    expect(lexicalTerms('ตาก\u200bลม')).toEqual(['ตาก', 'ลม']);
    expect(lexicalTerms('ตา\u200bกลม')).toEqual(['ตา', 'กลม']);
  });

  test('are words where a script has no spaces, alone and beside others', () => {
    expect(lexicalTerms('磨坊把文字变成向量。')).toEqual(expect.arrayContaining(['磨坊', '文字', '向量']));
    expect(lexicalTerms('用TypeScript写的向量')).toEqual(expect.arrayContaining(['向量']));
    expect(lexicalTerms('東京都に住む').length).toBeGreaterThan(1);
    expect(lexicalTerms('ภาษาไทยง่าย').length).toBeGreaterThan(1);
  });
});
