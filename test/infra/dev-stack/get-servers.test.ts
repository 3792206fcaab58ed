import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../../../infra/project.js';

/** Returns every file that a file imports, directly or indirectly, for values or for types. */
function importsBelow(file: string, seen = new Set<string>()): Set<string> {
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"=;]*'([^']+)';$/gm)) {
    const path = name!.startsWith('.') ? resolve(dirname(file), name!.replace(/\.js$/, '.ts')) : name!;
    if (seen.has(path)) continue;
    seen.add(path);
    if (name!.startsWith('.')) importsBelow(path, seen);
  }
  return seen;
}

it('what gets the servers while `npm ci` runs imports no package', () => {
  const imports = [...importsBelow(resolve(PROJECT, 'infra/dev-stack/get-servers.ts'))];
  expect(imports).toContain(resolve(PROJECT, 'infra/dev-stack/go-install.ts'));
  expect(imports.filter((path) => !path.startsWith('/') && !path.startsWith('node:'))).toEqual([]);
});
