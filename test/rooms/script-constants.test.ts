import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../infra/project.js';
import { ROOMS } from '../support/rooms.js';

/** The statement with which a script begins its work. */
const BEGIN = /^(?:await )?runScript\(/m;

/** Returns the constants that a script declares after it has begun to work. */
function lateConstants(text: string): string[] {
  const begin = text.search(BEGIN);
  if (begin < 0) return [];
  return [...text.slice(begin).matchAll(/^(?:export )?(?:const|let|class) (\w+)/gm)].map(([, name]) => name!);
}

test('no script declares a constant after it has begun, because its functions would not have it yet', () => {
  const late = ROOMS.flatMap((room) =>
    readdirSync(join(PROJECT, room), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) =>
        lateConstants(readFileSync(join(PROJECT, room, path), 'utf8')).map(
          (name) => `${room}/${path}: move ${name} above the call of runScript`,
        ),
      ),
  );
  expect(late).toEqual([]);
});

test('a constant below the beginning is found, and one above it is not', () => {
  expect(lateConstants('const A = 1;\nawait runScript(() => work());\n\nconst B = 2;\n')).toEqual(['B']);
});
