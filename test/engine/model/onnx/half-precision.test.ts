import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../../engine/model/embedder.js';
import { openEmbedder } from '../../../../engine/model/find/find-model.js';
import { ARCHITECTURES, expectedOf } from '../architectures.js';
import {
  hasMinilm,
  hasReference,
  lowestCosine,
  MINILM,
  referenceTexts,
  referenceVectors,
} from '../reference.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { tinyWeights, writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
const own = process.env.VECTORMILL_CACHE;
const opened: Embedder[] = [];
beforeAll(() => {
  process.env.VECTORMILL_CACHE = join(folder.path, 'cache');
});
afterAll(async () => {
  await Promise.all(opened.map((embedder) => embedder.close()));
  if (own === undefined) delete process.env.VECTORMILL_CACHE;
  else process.env.VECTORMILL_CACHE = own;
});

async function open(settings: Parameters<typeof openEmbedder>[0]): Promise<Embedder> {
  const embedder = await openEmbedder({ sessions: 1, precision: 'float16', ...settings });
  opened.push(embedder);
  return embedder;
}

const names = (await readdir(ARCHITECTURES)).sort();

describe('a model as float16', () => {
  test.each(names)('gives vectors in the direction of %s', async (name) => {
    const { texts, cases } = await expectedOf(name);
    const embedder = await open({ source: join(ARCHITECTURES, name) });
    const { vectors } = await embedder.embed(texts);
    const wanted = Float32Array.from(cases[0]!.vectors);
    expect(lowestCosine(vectors, wanted, embedder.signature.dimensions)).toBeGreaterThan(0.999);
  });

  test.skipIf(!hasMinilm || !hasReference)('gives vectors in the direction of all-MiniLM-L6-v2', async () => {
    const embedder = await open({ source: MINILM });
    const { vectors } = await embedder.embed(await referenceTexts());
    const cosine = lowestCosine(vectors, await referenceVectors('model'), embedder.signature.dimensions);
    console.info(`float16: lowest cosine ${cosine}`);
    expect(cosine).toBeGreaterThan(0.9999);
  });

  test('gives a text the same vector whatever is beside it', async () => {
    const { texts } = await expectedOf('modernbert');
    const source = join(ARCHITECTURES, 'modernbert');
    const embedder = await open({ source, batching: { tokenBudget: 1e6, paddingBudget: 1e6 } });
    const together = await embedder.embed(texts);
    expect(together.paddingTokens).toBeGreaterThan(0);
    const { dimensions } = embedder.signature;
    for (const [row, text] of texts.entries()) {
      const { vectors } = await embedder.embed([text]);
      const beside = together.vectors.subarray(row * dimensions, (row + 1) * dimensions);
      expect(lowestCosine(vectors, beside, dimensions)).toBeGreaterThan(0.99999);
    }
  });

  test('is a vector space of its own', async () => {
    const source = join(ARCHITECTURES, 'roberta');
    const [half, whole] = [await open({ source }), await open({ source, precision: 'float32' })];
    expect(half.signature.precision).toBe('float16');
    expect(half.fingerprint).not.toBe(whole.fingerprint);
    const [a, b] = [await half.embed(['a b c']), await whole.embed(['a b c'])];
    expect(a.vectors).not.toEqual(b.vectors);
  });

  test('is refused if a weight would become infinite', async () => {
    const weights = tinyWeights();
    weights.get('encoder.layer.1.output.dense.weight')!.data[7] = 70_000;
    const source = join(folder.path, 'large');
    await writeTinyModel(source, { weights });
    await expect(open({ source })).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining('encoder.layer.1.output.dense.weight'),
    });
  });
});
