import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../infra/project.js';
import { ROOMS } from '../support/rooms.js';

/** Each file there is a WebAssembly module of its own, whose exports the host reads by name. */
const MODULES = 'engine/kernels/assembly/';

/** Takes the place of the engine's file of the same name in tests, and so has its name. */
const STAND_IN = 'test/support/thread-entry.ts';

/** A declaration; `export { … } from` in a folder's entry file only passes a name on. */
const EXPORTED =
  /^export (?:(?:declare|abstract|async) )*(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

/** Files by the name that they export, of those names that several export. */
function sharedNames(files: ReadonlyMap<string, string>): [name: string, files: string[]][] {
  const byName = new Map<string, Set<string>>();
  for (const [file, text] of files)
    for (const [, name] of text.matchAll(EXPORTED))
      byName.set(name!, (byName.get(name!) ?? new Set()).add(file));
  return [...byName]
    .filter(([, holders]) => holders.size > 1)
    .map(([name, holders]) => [name, [...holders].sort()]);
}

function sourceFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const room of ROOMS)
    for (const path of readdirSync(join(PROJECT, room), { recursive: true, encoding: 'utf8' })) {
      const file = `${room}/${path.replaceAll('\\', '/')}`;
      if (file.endsWith('.ts') && !file.startsWith(MODULES) && file !== STAND_IN)
        files.set(file, readFileSync(join(PROJECT, file), 'utf8'));
    }
  return files;
}

test('no two files export the same name', () => {
  const lines = sharedNames(sourceFiles()).map(
    ([name, holders]) =>
      `${name} is exported by ${holders.join(' and ')}. If both are the same thing, keep one and import it; ` +
      'otherwise give each the name of what it is.',
  );
  expect(lines.join('\n')).toBe('');
});

test('a name that two files export is found, and one that an entry file passes on is not', () => {
  const files = new Map([
    ['a.ts', 'export interface Span {}\nexport async function* read() {}\nexport const LIMIT = 1;'],
    ['b.ts', 'export type Span = number;\nexport function once(): void;\nexport function once() {}'],
    ['index.ts', "export { LIMIT, read } from './a.js';"],
  ]);
  expect(sharedNames(files)).toEqual([['Span', ['a.ts', 'b.ts']]]);
});
