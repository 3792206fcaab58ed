import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../../infra/project.js';

/** Bytes that may be in the package; docs/installing.md states them. */
const MOST_PACKED = 1e6;
const MOST_UNPACKED = 3.5e6;

interface Packed {
  size: number;
  unpackedSize: number;
  files: { path: string; size: number; mode: number }[];
}

let packed: Packed;

beforeAll(() => {
  const answer = execFileSync(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'],
    {
      cwd: PROJECT,
      encoding: 'utf8',
    },
  );
  [packed] = Object.values(JSON.parse(answer)) as [Packed];
});

test('the package is as small as its page says', () => {
  const page = readFileSync(join(PROJECT, 'docs', 'installing.md'), 'utf8');
  const [, size, unpacked] = /The package has ([\d.]+) MB and unpacks to ([\d.]+) MB/.exec(page)!;
  expect(Math.abs(packed.size / 1e6 - Number(size))).toBeLessThan(0.2);
  expect(Math.abs(packed.unpackedSize / 1e6 - Number(unpacked))).toBeLessThan(0.5);
  expect(packed.size).toBeLessThan(MOST_PACKED);
  expect(packed.unpackedSize).toBeLessThan(MOST_UNPACKED);
});

test('its page names the tarball of this version', () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
  const page = readFileSync(join(PROJECT, 'docs', 'installing.md'), 'utf8');
  const named = new Set(page.match(/vectormill-[\w.-]+?\.tgz/g));
  expect([...named]).toEqual([`vectormill-${version}.tgz`]);
});

test('the package holds the compiled product, and nothing of the workshop', () => {
  const folders = new Set(packed.files.map(({ path }) => path.split('/').slice(0, 2).join('/')));
  expect([...folders].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/activities',
    'dist/api',
    'dist/cli',
    'dist/core',
    'dist/engine',
    'dist/local',
    'dist/workers',
    'dist/workflows',
    'infra/package',
    'package.json',
  ]);
  const kinds = new Set(packed.files.map(({ path }) => path.replace(/^[^.]*?(?=\.[\w.]+$)/, '')));
  expect([...kinds].sort()).toEqual(['.d.ts', '.js', '.json', '.md', '.mjs', 'LICENSE']);
  expect(packed.files.map(({ path }) => path)).not.toContainEqual(
    expect.stringMatching(/(^|\/)(test|docs|bench)\//),
  );
});

test('types refer to types that are there, and to packages that are installed with them', () => {
  const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const paths = packed.files.map(({ path }) => path);
  const missing = paths
    .filter((path) => path.endsWith('.d.ts'))
    .flatMap((path) =>
      [...readFileSync(join(PROJECT, path), 'utf8').matchAll(/(?:from|import\() ?'([^']+)'/g)]
        .map(([, name]) => name!)
        .filter((name) =>
          name.startsWith('.')
            ? !paths.includes(join(dirname(path), name.replace(/\.js$/, '.d.ts')))
            : !(name in dependencies),
        )
        .map((name) => `${path} imports ${name}`),
    );
  expect(missing).toEqual([]);
});

test('the command can be executed', () => {
  const command = packed.files.find(({ path }) => path === 'dist/cli/main.js');
  expect(command!.mode & 0o111).toBe(0o111);
});

test('no file names the folder in which it was built', () => {
  const naming = packed.files.filter(({ path }) => {
    const text = readFileSync(join(PROJECT, path), 'utf8');
    const [, map] = /sourceMappingURL=data:\S*base64,([\w+/=]+)\s*$/.exec(text) ?? [];
    return `${text}${map ? Buffer.from(map, 'base64') : ''}`.includes(PROJECT);
  });
  expect(naming).toEqual([]);
});
