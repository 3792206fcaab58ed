import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../engine/model/embedder.js';
import { openEmbedder } from '../../../engine/model/find-model.js';
import { largestDifference } from './reference.js';
import { useTemporaryFolder } from './temporary-folder.js';

/** What lies there is made by `make_architectures.py`. */
const ARCHITECTURES = fileURLToPath(new URL('../../fixtures/architectures/', import.meta.url));
/** So large that all texts of a test are one batch, padded to the longest. */
const ONE_BATCH = { tokenBudget: 1e6, paddingBudget: 1e6 };

/** What sentence-transformers computed with one folder. */
interface Expected {
  texts: string[];
  cases: { name: string; prompt: string; vectors: number[] }[];
}

useTemporaryFolder();
const names = (await readdir(ARCHITECTURES)).sort();

describe.each(names)('%s', async (name) => {
  const { texts, cases } = JSON.parse(
    await readFile(join(ARCHITECTURES, name, 'expected.json'), 'utf8'),
  ) as Expected;
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = await openEmbedder({ source: join(ARCHITECTURES, name), sessions: 1, batching: ONE_BATCH });
  });
  afterAll(() => embedder?.close());

  test.each(cases)('gives the vectors of sentence-transformers, $name', async ({ prompt, vectors }) => {
    const options = prompt === '' ? {} : { prompt: { text: prompt } };
    const actual = await embedder.embed(texts, options);
    expect(largestDifference(actual.vectors, vectors)).toBeLessThan(1e-4);
  });

  test('gives a text the same vector alone as beside longer ones', async () => {
    const together = await embedder.embed(texts);
    const { dimensions } = embedder.signature;
    expect(together.paddingTokens).toBeGreaterThan(0);
    for (const [row, text] of texts.entries()) {
      const alone = await embedder.embed([text]);
      const beside = together.vectors.subarray(row * dimensions, (row + 1) * dimensions);
      expect(largestDifference(alone.vectors, beside)).toBeLessThan(1e-5);
    }
  });
});
