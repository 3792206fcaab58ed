import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../infra/project.js';
import { ROOMS } from '../support/rooms.js';
import { pagesIn } from './page.js';

const PAGES = ['.', 'docs', 'docs/decisions', 'docs/performance', 'docs/recipes'].flatMap(pagesIn);

const PATH = new RegExp(`^(?:${ROOMS.join('|')}|docs)/[\\w./-]*$`);

/** The end of a source file's path, as pages name it where the folder is known. */
const FILE = /^[\w-]+(?:\/[\w-]+)*\.ts$/;

const SOURCES = ROOMS.flatMap((room) =>
  readdirSync(join(PROJECT, room), { recursive: true, encoding: 'utf8' }).map((path) => `/${room}/${path}`),
);

test.each(PAGES)('the paths that $path names are there', ({ text }) => {
  const prose = text.replace(/^(`{3,}|~{3,})[\s\S]*?^\1[ \t]*$/gm, '');
  const named = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  const missing = named.filter((code) =>
    PATH.test(code)
      ? !existsSync(join(PROJECT, code))
      : FILE.test(code) && !SOURCES.some((path) => path.endsWith(`/${code}`)),
  );
  expect(missing).toEqual([]);
});
