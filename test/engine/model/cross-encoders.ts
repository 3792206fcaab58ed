import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders that its `make.py` makes. */
export const CROSS_ENCODERS = fileURLToPath(new URL('../../fixtures/cross-encoders/', import.meta.url));

/** By path, the keys of a JSON file to replace, or null for a file to remove. */
export type Changes = Record<string, Record<string, unknown> | null>;

/** Makes a copy of one of the fixture's folders with changes. */
export async function copyCrossEncoder(
  target: string,
  source: string,
  changes: Changes = {},
): Promise<string> {
  await cp(join(CROSS_ENCODERS, source), target, { recursive: true });
  for (const [name, values] of Object.entries(changes)) {
    const file = join(target, name);
    if (values === null) await rm(file);
    else await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...values }));
  }
  return target;
}
