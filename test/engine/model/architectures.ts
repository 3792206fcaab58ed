import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders that `make_architectures.py` makes. */
export const ARCHITECTURES = fileURLToPath(new URL('../../fixtures/architectures/', import.meta.url));

/** The results that sentence-transformers computed with one folder. */
interface Expected {
  texts: string[];
  cases: { name: string; prompt: string; vectors: number[] }[];
}

export async function expectedOf(name: string): Promise<Expected> {
  return JSON.parse(await readFile(join(ARCHITECTURES, name, 'expected.json'), 'utf8')) as Expected;
}

export async function readValues(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
}
