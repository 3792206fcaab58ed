import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../infra/project.js';

const PAGE = 'docs/reliability.md';
const [promises, bugs] = tablesOf(readFileSync(join(PROJECT, PAGE), 'utf8'));

test.each(promises!)('%s has a test, with as many trials as the page says', (...row) => {
  const [, link, trials, result, date] = row;
  const source = testsIn(link!)[0]!;
  expect(result).not.toBe('');
  expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  for (const [, name, count] of trials!.matchAll(/`([A-Z_]+)` = (\d+)/g))
    expect(constantOf(source, name!), name).toBe(Number(count));
});

test.each(bugs!)('%s is a test of that name', (...row) => {
  const [bug, , links] = row;
  for (const source of testsIn(links!)) expect(source).toContain(bug);
});

/** Returns the rows of each table of a page, without their heads, as cells. */
function tablesOf(text: string): string[][][] {
  const tables = text.split(/\n\n/).filter((block) => block.startsWith('| '));
  return tables.map((table) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}

/** Returns the sources of the test files to which a cell links. */
function testsIn(cell: string): string[] {
  const paths = [...cell.matchAll(/\]\(\.\.\/(test\/[^)]+\.test\.ts)\)/g)].map(([, path]) =>
    normalize(path!),
  );
  expect(paths.length, cell).toBeGreaterThan(0);
  return paths.map((path) => readFileSync(join(PROJECT, path), 'utf8'));
}

/** Returns the number that a constant of a test has where nothing else is asked for. */
function constantOf(source: string, name: string): number {
  const [, value] =
    new RegExp(`const ${name} = (?:Number\\(process\\.env\\.\\w+ \\?\\? )?([\\d_]+)\\)?;`).exec(source) ?? [];
  return Number(value?.replaceAll('_', ''));
}
