import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { selectDocuments } from '../../../infra/demo/select-documents.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vectormill-documents-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const page = (name: string) => `# ${name}\n${'What it does. '.repeat(60)}`;
const select = async (budget = 1_000_000) => (await selectDocuments(folder, budget)).map(({ path }) => path);

test('READMEs, changelogs and pages in docs are documents, and code and other pages are not', async () => {
  for (const path of [
    'alpha/README.md',
    'alpha/docs/guide/start.md',
    '@scope/beta/readme.markdown',
    '@scope/beta/CHANGELOG.md',
    'gamma/HISTORY.md',
    'gamma/SECURITY.md',
    'gamma/README.js',
    'gamma/src/docs.md',
  ]) {
    write(path, page(path));
  }
  expect(await select()).toEqual([
    '@scope/beta/CHANGELOG.md',
    '@scope/beta/readme.markdown',
    'alpha/README.md',
    'alpha/docs/guide/start.md',
    'gamma/HISTORY.md',
  ]);
});

test('the same text counts once, and neither stubs nor giants count', async () => {
  write('alpha/README.md', page('same'));
  write('beta/README.md', page('same'));
  write('gamma/README.md', 'short');
  write('delta/README.md', page('long').repeat(60));
  expect(await select()).toHaveLength(1);
});

test('the budget is kept, and a larger one only adds documents', async () => {
  for (let index = 0; index < 40; index++) write(`package-${index}/README.md`, page(`package ${index}`));
  const bytes = page('package 10').length;
  const few = await select(bytes * 10);
  const more = await select(bytes * 20);
  expect(few.length).toBeGreaterThanOrEqual(9);
  expect(few.length).toBeLessThanOrEqual(10);
  expect(more).toEqual(expect.arrayContaining(few));
  expect(await select(bytes * 10)).toEqual(few);
});
