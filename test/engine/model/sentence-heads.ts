import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders that its `make.py` makes. */
export const SENTENCE_HEADS = fileURLToPath(new URL('../../fixtures/sentence-heads/', import.meta.url));

/** The results that sentence-transformers computed with one head. */
interface HeadCase {
  name: string;
  head: string;
  activation: string | null;
  prompt?: string;
  dimensions: number;
  vectors: number[];
}

/** Returns the texts, and the results of every head for them. */
export async function expectedOfHeads(): Promise<{ texts: string[]; cases: HeadCase[] }> {
  return JSON.parse(await readFile(join(SENTENCE_HEADS, 'expected.json'), 'utf8'));
}

/**
 * Puts the encoder and one of the heads together as a model folder. `dense` has other values for
 * `2_Dense/config.json`.
 */
export async function composeHead(target: string, head: string, dense: object = {}): Promise<string> {
  await cp(join(SENTENCE_HEADS, 'encoder'), target, { recursive: true });
  await cp(join(SENTENCE_HEADS, 'heads', head), target, { recursive: true });
  if (Object.keys(dense).length > 0) {
    const file = join(target, '2_Dense', 'config.json');
    const values = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...values, ...dense }));
  }
  return target;
}
