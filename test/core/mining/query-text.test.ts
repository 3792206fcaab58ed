import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTitle, queryTest, spanOf } from '../../../core/mining/query-text.js';

const LONG = 'Tax havens make it easy for companies to hide what they earn, and so the poor pay more.';
const chunk = (span: string, title?: string, prefix = '') => ({ text: prefix + span, span, title });

test.each([
  ['the same text', LONG, chunk(LONG)],
  ['other white space', ' Who  may\tapprove leave? \n', chunk('Who may approve\nleave?')],
  ['a title before it that is embedded', 'Who?', chunk('Who?', 'Leave', 'Leave\n\n')],
  ['its title in the query', 'Leave Who?', chunk('Who?', 'Leave')],
  ['its title in the query, which is embedded', 'Leave\nWho?', chunk('Who?', 'Leave', 'Leave\n\n')],
  ['a piece of a long query', `${LONG} More of it.`, chunk(LONG)],
  ['letters put together otherwise', 'cafe\u0301', chunk('caf\u00e9')],
])('a chunk is its query: %s', (_, query, one) => {
  expect(queryTest(query)(one)).toBe(true);
});

test.each([
  ['another text', 'Who may approve leave?', chunk('Who may approve leave')],
  ['a text that holds the query', 'approve leave', chunk('Who may approve leave?')],
  ['a short piece of the query', 'Who may approve leave?', chunk('leave')],
  ['only a title', 'Leave', chunk('Who?', 'Leave', 'Leave\n\n')],
  ['another case', 'leave', chunk('Leave')],
  ['a query without a letter', ' ', chunk(' ')],
])('a chunk is not its query: %s', (_, query, one) => {
  expect(queryTest(query)(one)).toBe(false);
});

test('a query is a title if they differ in white space only', () => {
  const titles = ['Leave of  absence', ' Leave of absence\n', 'Leave', '', undefined];
  expect(titles.map((title) => isTitle('Leave of absence', title))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('a span is the last of a text’s code points', () => {
  const texts = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(texts, texts, (prefix, span) => {
      expect(spanOf(prefix + span, [...span].length)).toBe(span);
    }),
  );
});
