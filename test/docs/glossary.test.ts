import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../infra/project.js';
import { linksOf, pageOf } from './page.js';

const page = pageOf('docs/glossary.md', readFileSync(join(PROJECT, 'docs/glossary.md'), 'utf8'));

const ENTRIES = page.text
  .split('\n')
  .filter((line) => /^\| (?!word \||---)/.test(line))
  .map((line) => {
    const [word = '', meaning = '', link = ''] = line.slice(2, -2).split(' | ');
    return { word, meaning, file: linksOf({ ...page, text: link })[0]?.file };
  });

test('the words are in alphabetical order, each once', () => {
  const words = ENTRIES.map(({ word }) => word.toLowerCase());
  expect(words.length).toBeGreaterThan(100);
  expect(words).toEqual([...new Set(words)].sort());
});

test.each(ENTRIES)(
  '$word has a meaning, and the file that is named for it uses it',
  ({ word, meaning, file }) => {
    expect(meaning).toMatch(/^[A-Z`].*\.\)?$/);
    const isUsed = lettersOf(readFileSync(file!, 'utf8')).includes(lettersOf(word));
    expect(isUsed, `${word} is not in ${file}`).toBe(true);
  },
);

test.each(['docs/README.md', 'docs/architecture.md', 'CONTRIBUTING.md'])('%s leads to it', (path) => {
  const linking = pageOf(path, readFileSync(join(PROJECT, path), 'utf8'));
  expect(linksOf(linking).map(({ file }) => file)).toContain(join(PROJECT, page.path));
});

/** With this, `rowKey` and `row_key` are found as the word "row key". */
function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
