import { createHash } from 'node:crypto';
import type { ModelSignature } from '../../core/model-signature.js';
import { type Embedder, promptText } from '../../engine/model/embedder.js';
import { fingerprintOf } from '../../engine/model/fingerprint.js';
import { testTokenizer } from './test-tokenizer.js';

export const TEST_DIMENSIONS = 16;

export const testSignature: ModelSignature = {
  name: 'test-embedder',
  architecture: 'hash',
  parameters: {},
  weightsSha256: '0'.repeat(64),
  tokenizerSha256: '1'.repeat(64),
  pooling: ['mean'],
  normalize: true,
  maxTokens: 32,
  dimensions: TEST_DIMENSIONS,
  precision: 'float32',
  prompts: { query: '', document: '' },
};

export const testFingerprint = fingerprintOf(testSignature);

/**
 * Returns an embedder without weights. The vector of a text is a unit vector made from its sha256,
 * so that only equal texts are near each other. It works in batches of 8 rows, because the real one
 * works in batches.
 */
export function testEmbedder(signature: ModelSignature = testSignature): Embedder {
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    embed: async (texts, options = {}) => {
      await options.turn;
      const prompt = promptText(signature.prompts, options.prompt);
      const vectors = new Float32Array(texts.length * signature.dimensions);
      let tokens = 0;
      for (let from = 0; from < texts.length; from += 8) {
        const batch = texts.slice(from, from + 8).map((text) => prompt + text);
        const encodings = await testTokenizer.encode(batch, signature.maxTokens);
        for (const [index, text] of batch.entries()) {
          vectors.set(unitVector(text, signature.dimensions), (from + index) * signature.dimensions);
        }
        const batchTokens = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
        tokens += batchTokens;
        options.onProgress?.({ rows: batch.length, tokens: batchTokens });
      }
      return { vectors, tokens, paddingTokens: 0 };
    },
    close: async () => {},
  };
}

function unitVector(text: string, dimensions: number): Float32Array {
  const values: number[] = [];
  for (let block = 0; values.length < dimensions; block += 1) {
    for (const byte of createHash('sha256').update(`${block}:${text}`).digest()) values.push(byte - 127.5);
  }
  const vector = values.slice(0, dimensions);
  const norm = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => value / norm);
}
