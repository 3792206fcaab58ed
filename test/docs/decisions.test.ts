import { expect, test } from 'vitest';
import { pagesIn } from './page.js';

const MAX_LINES = 60;

const [index, decisions] = splitOff('README.md');
const template = index.blocks.find(({ language }) => language === 'markdown')!.text;

test('there is a template with a title, a status, a date and sections', () => {
  expect(headingsOf(template).length).toBeGreaterThan(3);
  expect(template).toMatch(/^# \d{4}: .+\n\n- Status: .+\n- Date: \d{4}-\d{2}-\d{2}\n/);
});

test.each(decisions)('$path follows the template and is short', ({ path, text }) => {
  const number = /\/(\d{4})-[\w-]+\.md$/.exec(path)?.[1];
  expect(text.startsWith(`# ${number}: `), 'the title begins with the number of the file').toBe(true);
  expect(text).toMatch(/^# .+\n\n- Status: .+(\n {2}.+)*\n- Date: \d{4}-\d{2}-\d{2}\n\n/);
  expect(headingsOf(text)).toEqual(headingsOf(template));
  expect(text.split('\n').length - 1, 'lines').toBeLessThanOrEqual(MAX_LINES);
});

test.each(decisions)('the index lists $path under its title', ({ path, text }) => {
  const [, number, title] = /^# (\d{4}): (.+)$/m.exec(text)!;
  const row = `| [${number}](${path.slice(path.lastIndexOf('/') + 1)}) | ${title} |`;
  expect(index.text.split('\n')).toContain(row);
});

/** Returns the headings of the sections, in order. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);
}

function splitOff(name: string) {
  const pages = pagesIn('docs/decisions');
  const isIndex = ({ path }: { path: string }) => path.endsWith(`/${name}`);
  return [pages.find(isIndex)!, pages.filter((page) => !isIndex(page))] as const;
}
