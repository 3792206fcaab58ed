import { beforeAll, describe, expect, test } from 'vitest';
import { rangesOf } from '../../../../core/value-ranges.js';
import { encodeVectors } from '../../../../core/vector-encoding.js';
import { openEmbedder } from '../../../../engine/model/find/find-model.js';
import {
  hasMinilm,
  hasReference,
  MINILM,
  referenceBytes,
  referenceTexts,
  referenceVectors,
} from '../reference.js';

const SIZE = 384;
const PRECISIONS = ['int8', 'uint8', 'binary', 'ubinary'] as const;

function encoded(vectors: Float32Array, precision: (typeof PRECISIONS)[number]): Buffer {
  const stored = encodeVectors(vectors, SIZE, { precision, ranges: rangesOf(vectors, SIZE) });
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}

describe.skipIf(!hasReference)(
  'from the vectors of sentence-transformers (needs the shared reference)',
  () => {
    test.each(PRECISIONS)('%s is what its quantize_embeddings gives, byte for byte', async (precision) => {
      const actual = encoded(await referenceVectors('model'), precision);
      expect(Buffer.compare(actual, await referenceBytes(`quant.${precision}`))).toBe(0);
    });
  },
);

describe.skipIf(!hasMinilm || !hasReference)('from our own vectors (needs the pulled model)', () => {
  let vectors: Float32Array;

  beforeAll(async () => {
    const embedder = await openEmbedder({ source: MINILM, sessions: 1 });
    try {
      vectors = (await embedder.embed(await referenceTexts())).vectors;
    } finally {
      await embedder.close();
    }
  });

  test.each(['int8', 'uint8'] as const)('%s is within one step of it in every number', async (precision) => {
    const actual = encoded(vectors, precision);
    const expected = await referenceBytes(`quant.${precision}`);
    const offset = precision === 'int8' ? 128 : 0;
    // These are codes from 0 to 255, so that −128 and 127 are not neighbours.
    const steps = actual.map((byte, index) =>
      Math.abs(((byte + offset) & 255) - ((expected[index]! + offset) & 255)),
    );
    const others = steps.filter((step) => step > 0).length;
    console.info(
      `${precision}: ${others} of ${steps.length} numbers are another, none by more than ${Math.max(...steps)}`,
    );
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
    expect(others / steps.length).toBeLessThan(0.01);
  });

  test.each(['binary', 'ubinary'] as const)(
    '%s has the same bits except where a value is nearly 0',
    async (precision) => {
      const actual = encoded(vectors, precision);
      const expected = await referenceBytes(`quant.${precision}`);
      let others = 0;
      for (const [index, byte] of actual.entries()) {
        for (let bit = 0; bit < 8; bit += 1) {
          if (((byte ^ expected[index]!) & (0x80 >> bit)) === 0) continue;
          others += 1;
          expect(Math.abs(vectors[index * 8 + bit]!)).toBeLessThan(1e-5);
        }
      }
      console.info(`${precision}: ${others} of ${vectors.length} bits are others`);
    },
  );
});
