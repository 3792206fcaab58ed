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

/**
 * Returns the numbers of the lines, from 1, on which a comment goes beyond the last allowed column.
 */
function wideLines(source: string): number[] {
  const lines = source.split('\n');
  const wide = new Set<number>();
  if (!lines.some((line) => line.length > COLUMNS)) return [];
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
