import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { ROOMS } from '../support/rooms.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const COLUMNS = 100;

test('lines of comments have at most 100 columns', () => {
  const tooWide = sources().flatMap((file) =>
    wideLines(readFileSync(join(project, file), 'utf8')).map((line) => `${file}:${line}`),
  );

  expect(tooWide).toEqual([]);
});

test('a wide comment is found, and an address, an ignored rule and a text are not', () => {
  const wide = 'word '.repeat(20);

  expect(
    wideLines(`/**
 * ${wide}
 */
const text = '// ${wide}'; // ${wide}
// https://example.org/ ${wide}
// biome-ignore lint/style/noNonNullAssertion: ${wide}
const template = \`\${text /* ${wide} */} // ${wide}\`;
// ${'é'.repeat(97)}`),
  ).toEqual([2, 4, 7]);
});

test('a docstring begins with a verb or a noun, and not as a question does', () => {
  const found = sources().flatMap((file) =>
    questions(readFileSync(join(project, file), 'utf8')).map((line) => `${file}:${line}`),
  );

  expect(found, 'write "Returns how …" for a function, and "The number of …" for a value').toEqual([]);
});

test('questions are found everywhere, and "whether" only before a function', () => {
  const lines = [
    '/** How many rows there are. */',
    'const rows = 1;',
    '  /**',
    '   * Where a row lies.',
    '   */',
    '/** Whether it is the last. */',
    'last: boolean;',
    '/**',
    ' * Whether a row is',
    ' * the last.',
    ' */',
    'export async function isLast() {}',
    '/** However, whatever. */',
  ];

  expect(questions(lines.join('\n'))).toEqual([1, 3, 8]);
});

/**
 * Returns the numbers of the lines, from 1, at which a docstring begins that reads like a question,
 * such as "How many rows there are". "Whether" is the usual word for a flag, but not for a
 * function.
 */
function questions(source: string): number[] {
  const docstring = /^ *\/\*\*\s+(?:\* )?(How|What|Which|Who|Whose|Why|Where|When|Whether)\b/gm;
  const beforeFunction = /^[\s\S]*?\*\/\s*(?:export )?(?:default )?(?:async )?function\b/;
  return [...source.matchAll(docstring)]
    .filter(({ 1: word, index }) => {
      const [comment] = source.slice(index).match(beforeFunction) ?? [''];
      return word !== 'Whether' || comment.split('*/').length === 2;
    })
    .map(({ index }) => source.slice(0, index).split('\n').length);
}

/**
 * Returns the numbers of the lines, from 1, on which a comment goes beyond the last allowed column.
 */
function wideLines(source: string): number[] {
  const lines = source.split('\n');
  const wide = new Set<number>();
  if (!lines.some((line) => line.length > COLUMNS && /\/[*/]|^ *\*/.test(line))) return [];
  const file = ts.createSourceFile('file.ts', source, ts.ScriptTarget.Latest);
  for (const [start, end] of commentsOf(file, source)) {
    const first = file.getLineAndCharacterOfPosition(start).line;
    const last = file.getLineAndCharacterOfPosition(end);
    for (let line = first; line <= last.line; line++) {
      const text = line === last.line ? lines[line]!.slice(0, last.character) : lines[line]!;
      const isExcepted = text.includes('https://') || text.includes('// biome-ignore');
      if ([...text].length > COLUMNS && !isExcepted) wide.add(line + 1);
    }
  }
  return [...wide].sort((a, b) => a - b);
}

/**
 * Returns the positions at which the comments of a file begin and end, `[start, end)`, in no order.
 */
function commentsOf(file: ts.SourceFile, source: string): Iterable<readonly [number, number]> {
  const ends = new Map<number, number>();
  const visit = (node: ts.Node) => {
    if (node.kind < ts.SyntaxKind.FirstNode)
      for (const { pos, end } of [
        ...(ts.getLeadingCommentRanges(source, node.pos) ?? []),
        ...(ts.getTrailingCommentRanges(source, node.end) ?? []),
      ])
        ends.set(pos, end);
    node.getChildren(file).forEach(visit);
  };
  visit(file);
  return ends;
}

/** Paths of all `.ts` files of the rooms, and of those beside them. */
function sources(): string[] {
  const inRooms = ROOMS.flatMap((room) =>
    readdirSync(join(project, room), { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  );
  return [...inRooms, ...readdirSync(project)].filter((name) => name.endsWith('.ts'));
}
