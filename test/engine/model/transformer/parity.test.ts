import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EmbedOptions } from '../../../../engine/model/embedder.js';
import { openEmbedder } from '../../../../engine/model/find/find-model.js';
import type { ModelResources, ModelSettings } from '../../../../engine/model/model.js';
import {
  hasMinilm,
  hasReference,
  largestRelativeDifference,
  lowestCosine,
  MINILM,
  referenceTexts,
  referenceVectors,
} from '../reference.js';
import { useTemporaryFolder } from '../temporary-folder.js';

/**
 * This is not sentence-transformers' own order, so that the test shows that the given order counts.
 */
const POOLINGS = ['lasttoken', 'weightedmean', 'max', 'mean', 'mean_sqrt_len_tokens', 'cls'];
const SIZE = 384;

describe.skipIf(!hasMinilm || !hasReference)('the vectors that sentence-transformers computed', () => {
  const folder = useTemporaryFolder();

  async function embed(options: Partial<ModelSettings & ModelResources>, embedOptions: EmbedOptions = {}) {
    const embedder = await openEmbedder({ source: MINILM, sessions: 1, ...options });
    try {
      return (await embedder.embed(await referenceTexts(), embedOptions)).vectors;
    } finally {
      await embedder.close();
    }
  }

  async function expectEqual(vectors: Float32Array, name: string, dimensions = SIZE): Promise<void> {
    const expected = await referenceVectors(name);
    expect(vectors.length).toBe(expected.length);
    const cosine = lowestCosine(vectors, expected, dimensions);
    const difference = largestRelativeDifference(vectors, expected, dimensions);
    console.info(`${name}: lowest cosine ${cosine}, largest relative difference ${difference}`);
    expect(cosine).toBeGreaterThanOrEqual(0.99999);
    expect(difference).toBeLessThanOrEqual(1e-4);
  }

  test('agree in every row of the folder as it is', async () => {
    await expectEqual(await embed({}), 'model');
  });

  test('agree in every row that is cut to 32 tokens', async () => {
    await expectEqual(await embed({ maxTokens: 32 }), 'model.max32');
  });

  test('agree in every row with a prompt before its text', async () => {
    const vectors = await embed({ prompts: { query: 'query: ' } }, { prompt: 'query' });
    await expectEqual(vectors, 'model.prompt');
  });

  test.each([64, 128, 256])('agree in every row if %s dimensions are kept', async (dimensions) => {
    await expectEqual(await embed({ dimensions }), `model.mrl${dimensions}`, dimensions);
  });

  test('agree in every row of every pooling, in the order in which they are joined', async () => {
    const joined = join(folder.path, 'every-pooling');
    await cp(MINILM, joined, { recursive: true });
    const modules = ['Transformer', 'Pooling'].map((name, index) => ({
      path: index === 0 ? '' : '1_Pooling',
      type: `sentence_transformers.models.${name}`,
    }));
    await writeFile(join(joined, 'modules.json'), JSON.stringify(modules));
    const pooling = { embedding_dimension: SIZE, pooling_mode: POOLINGS };
    await writeFile(join(joined, '1_Pooling', 'config.json'), JSON.stringify(pooling));
    const vectors = await embed({ source: joined });
    for (const [index, name] of POOLINGS.entries())
      await expectEqual(columnsOf(vectors, index), `pool.${name}`);
  });
});

/** Returns the columns of one pooling in rows in which all poolings are joined. */
function columnsOf(vectors: Float32Array, pooling: number): Float32Array {
  const width = SIZE * POOLINGS.length;
  const columns = new Float32Array(vectors.length / POOLINGS.length);
  for (let row = 0; row < vectors.length / width; row++) {
    const start = row * width + pooling * SIZE;
    columns.set(vectors.subarray(start, start + SIZE), row * SIZE);
  }
  return columns;
}
