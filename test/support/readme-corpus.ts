import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/**
 * Returns real text that every checkout has: the READMEs of the installed packages, as JSON lines,
 * in package order.
 */
export function readmeCorpus(documents: number): string {
  const lines: string[] = [];
  for (const folder of readdirSync(MODULES).sort()) {
    if (folder.startsWith('.') || folder.startsWith('@')) continue;
    const name = readdirSync(join(MODULES, folder)).find((file) => /^readme\.md$/i.test(file));
    if (!name) continue;
    const text = readFileSync(join(MODULES, folder, name), 'utf8').slice(0, 3000);
    if (text.trim() !== '') lines.push(JSON.stringify({ _id: folder, title: folder, text }));
    if (lines.length === documents) break;
  }
  return `${lines.join('\n')}\n`;
}
