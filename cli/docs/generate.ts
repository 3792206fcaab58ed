import { readFile, writeFile } from 'node:fs/promises';
import { generatedPages } from './pages.js';

/**
 * `tsx cli/docs/generate.ts` writes the generated pages; with `--check` it writes none and exits
 * with 1 if one is stale.
 */
const isCheck = process.argv.includes('--check');
for (const [path, text] of await generatedPages()) {
  const file = new URL(`../../${path}`, import.meta.url);
  const existing = await readFile(file, 'utf8').catch(() => undefined);
  if (existing === text) continue;
  console.error(isCheck ? `${path} is stale; run: npx tsx cli/docs/generate.ts` : `${path} written`);
  if (isCheck) process.exitCode = 1;
  else await writeFile(file, text);
}
