import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openCrossEncoder } from '../../../../engine/model/cross-encoder/find-cross-encoder.js';
import type { CrossEncoder, CrossEncoderSettings } from '../../../../engine/model/cross-encoder.js';
import type { TextPair } from '../../../../engine/tokenizer/pair-tokenizer.js';
import { type Changes, CROSS_ENCODERS, copyCrossEncoder } from '../cross-encoders.js';
import { useTemporaryFolder } from '../temporary-folder.js';

/** The results that sentence-transformers computed with one folder. */
interface Case {
  name: string;
  folder: string;
  maxTokens: number | null;
  changes: Changes;
  labels: number;
  scores: number[];
}

const { pairs, cases } = JSON.parse(await readFile(join(CROSS_ENCODERS, 'expected.json'), 'utf8')) as {
  pairs: TextPair[];
  cases: Case[];
};
const SAVED = join(CROSS_ENCODERS, 'saved');
const PLAIN = join(CROSS_ENCODERS, 'plain');
const folder = useTemporaryFolder();

async function using<T>(
  settings: CrossEncoderSettings & { sessions?: number },
  use: (encoder: CrossEncoder) => Promise<T>,
): Promise<T> {
  const encoder = await openCrossEncoder({ sessions: 1, ...settings });
  try {
    return await use(encoder);
  } finally {
    await encoder.close();
  }
}

/** Returns the largest difference between numbers at the same place. */
function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(actual, (value, index) => Math.abs(value - expected[index]!)));
}

describe('a folder gives the scores that sentence-transformers gives', () => {
  test.each(cases)('$name', async ({ name, folder: source, maxTokens, changes, labels, scores }) => {
    const path = await copyCrossEncoder(join(folder.path, name), source, changes);
    await using({ source: path, maxTokens: maxTokens ?? undefined }, async (encoder) => {
      expect(encoder.signature.labels).toBe(labels);
      expect(largestDifference(await encoder.score(pairs), scores)).toBeLessThan(1e-5);
    });
  });
});

describe('a cross-encoder', () => {
  test('gives a pair the same numbers alone and among others, in any order and in any session', async () => {
    const many = Array.from({ length: 300 }, (_, n) => pairs[(n * 7) % pairs.length]!);
    await using({ source: PLAIN, sessions: 2 }, async (encoder) => {
      const together = await encoder.score(many);
      for (const [index, pair] of many.slice(0, pairs.length).entries()) {
        const alone = await encoder.score([pair]);
        expect(largestDifference(together.subarray(3 * index, 3 * index + 3), alone)).toBeLessThan(1e-5);
      }
    });
  });

  test('ranks documents by score, best first, and keeps the order of equal ones', async () => {
    const documents = ['b c', 'x y z', 'b c', 'q', '', 'x y z'];
    await using({ source: SAVED }, async (encoder) => {
      const scores = await encoder.score(documents.map((document) => ['a', document]));
      const expected = documents
        .map((_, index) => ({ index, score: scores[index]! }))
        .sort((one, other) => other.score - one.score || one.index - other.index);
      const ranked = await encoder.rank('a', documents);
      expect(ranked.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
      expect(
        largestDifference(
          ranked.map(({ score }) => score),
          expected.map(({ score }) => score),
        ),
      ).toBe(0);
      expect(await encoder.rank('a', documents, { topK: 2 })).toEqual(ranked.slice(0, 2));
      expect(await encoder.rank('a', [])).toEqual([]);
    });
  });

  test('with several labels refuses to rank', async () => {
    await using({ source: PLAIN }, async (encoder) => {
      await expect(encoder.rank('a', ['b'])).rejects.toMatchObject({ code: 'USAGE' });
    });
  });

  test('leaves the logits as they are if Identity is asked for', async () => {
    const scores = await using({ source: SAVED }, (encoder) => encoder.score(pairs));
    const logits = await using({ source: SAVED, activation: 'Identity' }, (encoder) => encoder.score(pairs));
    const sigmoid = Array.from(logits, (value) => 1 / (1 + Math.exp(-value)));
    expect(largestDifference(scores, sigmoid)).toBeLessThan(1e-6);
  });

  test('reports progress that adds up, and stops when it is cancelled', async () => {
    await using({ source: SAVED }, async (encoder) => {
      const done: number[] = [];
      await encoder.score(pairs, { onProgress: ({ rows }) => done.push(rows) });
      expect(done.reduce((sum, rows) => sum + rows, 0)).toBe(pairs.length);
      const signal = AbortSignal.abort();
      await expect(encoder.score(pairs, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });
});

const SHARED = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const REAL = join(SHARED, 'models', 'minilm-l6-cross-encoder');
const REFERENCE = join(SHARED, 'reference', 'cross-encoder-scores.json');

describe.skipIf(!existsSync(REAL) || !existsSync(REFERENCE))(
  'the real model (needs the shared reference)',
  () => {
    test('gives what sentence-transformers gives in fp32, and in fp16 to within one step', async () => {
      const reference = JSON.parse(await readFile(REFERENCE, 'utf8')) as {
        pairs: TextPair[];
        max_length: number;
        logits: number[];
      };
      const settings = { source: REAL, maxTokens: reference.max_length, activation: 'Identity' };
      const logits = await using(settings, (encoder) => encoder.score(reference.pairs));
      const exact = JSON.parse(await readFile(join(CROSS_ENCODERS, 'minilm-l6-logits-fp32.json'), 'utf8'));
      const difference = largestDifference(logits, exact);
      console.info(`largest difference of a logit to PyTorch in fp32: ${difference}`);
      expect(difference).toBeLessThanOrEqual(1e-4);
      for (const [index, rounded] of reference.logits.entries()) {
        // The reference was computed in fp16, in which the model is stored. PyTorch's own fp32
        // differs from it as much.
        const step = 2 ** (Math.floor(Math.log2(Math.abs(rounded))) - 10);
        expect(Math.abs(logits[index]! - rounded)).toBeLessThanOrEqual(step);
      }
    });

    test('gives scores from 0 to 1 by the activation in its config.json', async () => {
      const { pairs, scores: expected } = JSON.parse(await readFile(REFERENCE, 'utf8'));
      await using({ source: REAL, maxTokens: 192 }, async (encoder) => {
        expect(encoder.signature.outputActivation).toBe('Sigmoid');
        // The largest slope of the logistic function, times a step of the reference's fp16.
        const most = 2 ** -8 / 4;
        expect(largestDifference(await encoder.score(pairs.slice(0, 8)), expected.slice(0, 8))).toBeLessThan(
          most,
        );
      });
    });
  },
);
