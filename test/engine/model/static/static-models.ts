import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders that `../make_static_models.py` makes. */
export const STATIC_MODELS = fileURLToPath(new URL('../../../fixtures/static-models/', import.meta.url));

/**
 * Returns the vectors that model2vec and sentence-transformers computed for the texts, by folder.
 */
export async function expectedVectors(): Promise<{ texts: string[]; vectors: Record<string, number[][]> }> {
  return JSON.parse(await readFile(join(STATIC_MODELS, 'expected.json'), 'utf8'));
}
