import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../../engine/model/embedder.js';
import { findModel, openEmbedder } from '../../../../engine/model/find/find-model.js';
import { ARCHITECTURES } from '../architectures.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
const own = process.env.VECTORMILL_CACHE;
const opened: Embedder[] = [];
let source: string;

beforeAll(async () => {
  process.env.VECTORMILL_CACHE = join(folder.path, 'cache');
  source = join(folder.path, 'tiny');
  await writeTinyModel(source);
});
afterAll(async () => {
  await Promise.all(opened.map((embedder) => embedder.close()));
  if (own === undefined) delete process.env.VECTORMILL_CACHE;
  else process.env.VECTORMILL_CACHE = own;
});

async function open(settings: Parameters<typeof openEmbedder>[0]): Promise<Embedder> {
  const embedder = await openEmbedder({ sessions: 1, ...settings });
  opened.push(embedder);
  return embedder;
}

const TEXTS = ['a', 'b c', 'a b c d e f g', 'z y x w v u t s r q p o n m', 'm n m n m n', ''];

function lowestCosine(a: Float32Array, b: Float32Array, dimensions: number): number {
  let lowest = 1;
  for (let at = 0; at < a.length; at += dimensions) {
    const [left, right] = [a.subarray(at, at + dimensions), b.subarray(at, at + dimensions)];
    const product = left.reduce((sum, value, index) => sum + value * right[index]!, 0);
    lowest = Math.min(lowest, product / (Math.hypot(...left) * Math.hypot(...right)));
  }
  return lowest;
}

describe('a model as int8', () => {
  test('is another vector space, whose signature says int8 and holds what was measured', async () => {
    const [plain, quantised] = [await findModel({ source }), await findModel({ source, precision: 'int8' })];
    expect(plain.signature.precision).toBe('float32');
    expect(plain.signature.ranges).toBeUndefined();
    expect(quantised.signature.precision).toBe('int8');
    expect(quantised.fingerprint).not.toBe(plain.fingerprint);
    // There are four inputs for each layer: those of attention's three projections together, of its
    // output, and of the two outer layers.
    expect(Object.keys(quantised.signature.ranges!)).toHaveLength(2 * 4);
    for (const [least, most] of Object.values(quantised.signature.ranges!)) expect(least).toBeLessThan(most);
  });

  test('gives vectors near those of float32, but not the same', async () => {
    const [plain, quantised] = [await open({ source }), await open({ source, precision: 'int8' })];
    const [a, b] = [await plain.embed(TEXTS), await quantised.embed(TEXTS)];
    const cosine = lowestCosine(a.vectors, b.vectors, plain.signature.dimensions);
    expect(cosine).toBeGreaterThan(0.99);
    expect(cosine).toBeLessThan(0.9999999);
  });

  test('gives a text the same vector, bit for bit, whatever is beside it', async () => {
    const embedder = await open({ source, precision: 'int8' });
    const together = await embedder.embed(TEXTS);
    const { dimensions } = embedder.signature;
    for (const [row, text] of TEXTS.entries()) {
      const { vectors } = await embedder.embed([text]);
      expect([...vectors]).toEqual([...together.vectors.subarray(row * dimensions, (row + 1) * dimensions)]);
    }
  });

  test('never pads a row, so that the attention without a mask is always used', async () => {
    const embedder = await open({ source, precision: 'int8' });
    expect((await embedder.embed(TEXTS)).paddingTokens).toBe(0);
  });

  test('gives nearly the same vectors if another tool pads the rows of its graph', async () => {
    const plain = await open({ source, precision: 'int8' });
    const batching = { tokenBudget: 1e6, paddingBudget: 1e6 };
    const padded = await open({ source, precision: 'int8', batching });
    const [a, b] = [await plain.embed(TEXTS), await padded.embed(TEXTS)];
    expect(b.paddingTokens).toBeGreaterThan(0);
    expect(lowestCosine(a.vectors, b.vectors, plain.signature.dimensions)).toBeGreaterThan(0.999);
  });

  test('is measured once, and never again if a job has the measurements', async () => {
    const { ranges } = (await findModel({ source, precision: 'int8' })).signature;
    const calibrations = join(folder.path, 'cache', 'calibrations');
    const [name] = await readdir(calibrations);
    expect(JSON.parse(await readFile(join(calibrations, name!), 'utf8'))).toMatchObject({ ranges });
    const first = Object.keys(ranges!)[0]!;
    const changed = { ...ranges, [first]: [-1, 1] as const };
    const model = await findModel({ source, precision: 'int8', ranges: changed });
    expect(model.signature.ranges).toEqual(changed);
    expect(await readdir(calibrations)).toEqual([name]);
  });

  test('is refused before it opens if a range is missing', async () => {
    const model = await findModel({ source, precision: 'int8', ranges: {} });
    const refusal = { code: 'MODEL_INVALID', message: expect.stringContaining('attention.self.query') };
    await expect(model.check()).rejects.toMatchObject(refusal);
    await expect(model.open()).rejects.toMatchObject(refusal);
  });
});

test.each((await readdir(ARCHITECTURES)).sort())('%s computes as int8, or is refused', async (name) => {
  const model = join(ARCHITECTURES, name);
  const plain = await open({ source: model });
  const quantised = await open({ source: model, precision: 'int8' });
  const [a, b] = [await plain.embed(TEXTS), await quantised.embed(TEXTS)];
  expect(lowestCosine(a.vectors, b.vectors, plain.signature.dimensions)).toBeGreaterThan(0.9);
});
