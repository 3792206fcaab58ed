import { afterAll, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../engine/model/embedder.js';
import { type EmbedderOptions, openEmbedder } from '../../../engine/model/onnx-embedder.js';
import {
  hasMinilm,
  hasReference,
  lowestCosine,
  MINILM,
  referenceTexts,
  referenceVectors,
} from './reference.js';

describe.skipIf(!hasMinilm || !hasReference)('against what sentence-transformers computed', () => {
  const opened: Embedder[] = [];
  afterAll(() => Promise.all(opened.map((embedder) => embedder.close())));

  async function lowest(name: string, options: Omit<EmbedderOptions, 'folder'>, prompt?: 'query') {
    const embedder = await openEmbedder({ folder: MINILM, sessions: 1, ...options });
    opened.push(embedder);
    const { vectors } = await embedder.embed(await referenceTexts(), prompt ? { prompt } : {});
    const cosine = lowestCosine(vectors, await referenceVectors(name), embedder.signature.dimensions);
    console.info(`${name}: lowest cosine ${cosine}`);
    return cosine;
  }

  test('every row of the folder as it is agrees', async () => {
    expect(await lowest('model', {})).toBeGreaterThanOrEqual(0.99999);
  });

  test('every row cut to 32 tokens agrees', async () => {
    expect(await lowest('model.max32', { maxTokens: 32 })).toBeGreaterThanOrEqual(0.99999);
  });

  test('every row with a prompt before its text agrees', async () => {
    expect(await lowest('model.prompt', { prompts: { query: 'query: ' } }, 'query')).toBeGreaterThanOrEqual(
      0.99999,
    );
  });
});
