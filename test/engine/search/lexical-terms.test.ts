import { describe, expect, test } from 'vitest';
import { lexicalTerms } from '../../../engine/search/lexical-terms.js';

describe('the terms of a text', () => {
  test.each([
    ['words in lower case, stemmed, without stop words', 'The Mills are grinding', ['mill', 'grind']],
    ['codes and numbers as they are', 'IL-10, p53 & 1,000 μg', ['il', '10', 'p53', '1', '000', 'μg']],
    ['full-width and ligature forms as the plain ones', 'Ｇｒａｉｎ ﬁne', ['grain', 'fine']],
    ['letters of other scripts as they are', 'Мельница ÄPFEL', ['мельница', 'äpfel']],
    ['nothing for punctuation', ' … — ! ', []],
    ['nothing for an empty text', '', []],
  ])('are %s', (_, text, terms) => {
    expect(lexicalTerms(text)).toEqual(terms);
  });

  test('are words where a script has no spaces, alone and beside others', () => {
    expect(lexicalTerms('磨坊把文字变成向量。')).toEqual(expect.arrayContaining(['磨坊', '文字', '向量']));
    expect(lexicalTerms('用TypeScript写的向量')).toEqual(expect.arrayContaining(['向量']));
    expect(lexicalTerms('東京都に住む').length).toBeGreaterThan(1);
    expect(lexicalTerms('ภาษาไทยง่าย').length).toBeGreaterThan(1);
  });
});
