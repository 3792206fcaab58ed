import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEmbedder } from '../../../../engine/model/find/find-model.js';
import { largestRelativeDifference } from '../reference.js';
import { composeHead, expectedOfHeads } from '../sentence-heads.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const { texts, cases } = await expectedOfHeads();
const folder = useTemporaryFolder();

describe('folders that sentence-transformers wrote give its vectors', () => {
  test.each(cases)('$name', async ({ name, head, activation, prompt, dimensions, vectors: expected }) => {
    const dense = activation === null ? {} : { activation_function: activation };
    const path = await composeHead(join(folder.path, name), head, dense);
    const embedder = await openEmbedder({ source: path, sessions: 1, dimensions });
    try {
      const options = prompt === undefined ? {} : { prompt: { text: prompt } };
      const { vectors } = await embedder.embed(texts, options);
      expect(embedder.signature.dimensions).toBe(dimensions);
      expect(largestRelativeDifference(vectors, expected, dimensions)).toBeLessThan(1e-5);
    } finally {
      await embedder.close();
    }
  });
});
