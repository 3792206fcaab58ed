import { expect, test } from 'vitest';
import { pagesIn } from './page.js';

const MAX_COLUMNS = 120;

const PAGES = ['.', 'docs', 'docs/decisions', 'docs/performance', 'docs/recipes'].flatMap(pagesIn);

test.each(PAGES)('$path wraps its lines of prose', ({ text }) => {
  const lines = proseOf(text).filter((line) => [...line].length > MAX_COLUMNS);
  expect(lines, `lines of more than ${MAX_COLUMNS} columns`).toEqual([]);
});

test('code, tables and words that are too long to be wrapped are no prose', () => {
  const long = 'x'.repeat(200);
  const page = ['a b', '```', 'code here', '```', '| a | b |', '  | in a list |', `- ${long}`, `- b ${long}`];
  expect(proseOf(page.join('\n'))).toEqual(['a b', `- b ${long}`]);
});

/** Returns the lines of a page that can be wrapped. */
function proseOf(text: string): string[] {
  return text
    .replace(/^(`{3,}|~{3,})[\s\S]*?^\1[ \t]*$/gm, '')
    .split('\n')
    .filter((line) => !/^ *\|/.test(line) && /\S +\S/.test(line.replace(/^ *(?:[-*]|\d+\.) /, '')));
}
