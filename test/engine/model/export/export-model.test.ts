import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../../engine/model/embedder.js';
import { findModel, openEmbedder } from '../../../../engine/model/find/find-model.js';
import { ARCHITECTURES } from '../architectures.js';
import { largestDifference, largestRelativeDifference, lowestCosine } from '../reference.js';
import { expectedOfHeads } from '../sentence-heads.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { composeExport, expectedOfExports, HIDDEN, type PlacedFile } from './exports.js';

const { texts, cases } = await expectedOfHeads();
const heads = cases.filter(({ activation }) => activation === null);
const HALF = ['model_fp16.onnx', 'model_fp16.onnx_data'];
/** A token budget so large that all texts are one batch, padded to the longest. */
const ONE_BATCH = { tokenBudget: 1e6, paddingBudget: 1e6 };

const folder = useTemporaryFolder();
const opened: Embedder[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((embedder) => embedder.close()));
});

let models = 0;
const compose = (files: readonly PlacedFile[], head?: string) =>
  composeExport(join(folder.path, `export-${++models}`), files, head);

async function open(settings: Parameters<typeof openEmbedder>[0]): Promise<Embedder> {
  const embedder = await openEmbedder({ sessions: 1, ...settings });
  opened.push(embedder);
  return embedder;
}

describe('an ONNX export', () => {
  test.each(heads)(
    'gives the vectors of sentence-transformers, $name',
    async ({ head, prompt, ...expected }) => {
      const source = await compose(['model.onnx'], head);
      const embedder = await open({ source, dimensions: expected.dimensions });
      const { vectors } = await embedder.embed(
        texts,
        prompt === undefined ? {} : { prompt: { text: prompt } },
      );
      expect(largestRelativeDifference(vectors, expected.vectors, expected.dimensions)).toBeLessThan(1e-5);
    },
  );

  test.each(['model_int32.onnx', 'model_positions.onnx', 'model_pooled.onnx'])(
    'gets its inputs by the names and types that it declares: %s',
    async (file) => {
      const plain = await open({ source: await compose(['model.onnx']) });
      const other = await open({ source: await compose([file]), batching: ONE_BATCH });
      const [a, b] = [await plain.embed(texts), await other.embed(texts)];
      expect(b.paddingTokens).toBeGreaterThan(0);
      expect(largestDifference(a.vectors, b.vectors)).toBeLessThan(1e-5);
      expect(other.fingerprint).not.toBe(plain.fingerprint);
    },
  );

  test('keeps the first numbers of vectors that it has pooled itself, and normalises them again', async () => {
    const [own, pooled] = [await compose(['model.onnx']), await compose(['model_pooled.onnx'])];
    const [a, b] = [
      await open({ source: own, dimensions: 5 }),
      await open({ source: pooled, dimensions: 5 }),
    ];
    const [wanted, found] = [await a.embed(texts), await b.embed(texts)];
    expect(largestDifference(wanted.vectors, found.vectors)).toBeLessThan(1e-5);
  });

  test('in half precision, with its weights in a second file, gives what the runtime gives in Python', async () => {
    const embedder = await open({ source: await compose(HALF) });
    expect(embedder.signature.precision).toBe('float16');
    const { vectors } = await embedder.embed(texts);
    expect(largestDifference(vectors, expectedOfExports['model_fp16.onnx']!)).toBeLessThan(2e-3);
  });

  test('with dynamic int8 gives what the runtime gives in Python for one text at a time', async () => {
    const embedder = await open({ source: await compose(['model_quantized.onnx']) });
    expect(embedder.signature.precision).toBe('int8');
    for (const [row, text] of texts.entries()) {
      const { vectors } = await embedder.embed([text]);
      const wanted = expectedOfExports['model_quantized.onnx']!.slice(row * HIDDEN, (row + 1) * HIDDEN);
      expect(lowestCosine(vectors, Float32Array.from(wanted), HIDDEN)).toBeGreaterThan(0.999);
    }
  });

  test('gives a text the same vector alone as beside longer ones', async () => {
    const embedder = await open({ source: await compose(['model.onnx']), batching: ONE_BATCH });
    const together = await embedder.embed(texts);
    expect(together.paddingTokens).toBeGreaterThan(0);
    for (const [row, text] of texts.entries()) {
      const alone = await embedder.embed([text]);
      const beside = together.vectors.subarray(row * HIDDEN, (row + 1) * HIDDEN);
      expect(largestDifference(alone.vectors, beside)).toBeLessThan(1e-5);
    }
  });

  test('with dynamic int8 is computed one row at a time, so that no row depends on its batch', async () => {
    const embedder = await open({ source: await compose(['model_quantized.onnx']) });
    const together = await embedder.embed(texts);
    expect(together.paddingTokens).toBe(0);
    for (const [row, text] of texts.entries()) {
      const { vectors } = await embedder.embed([text]);
      expect(vectors).toEqual(together.vectors.slice(row * HIDDEN, (row + 1) * HIDDEN));
    }
  });

  test('has a signature of its own, which includes the weights in a second file', async () => {
    const source = await compose(HALF);
    const before = await findModel({ source });
    expect(before.signature).toMatchObject({ architecture: 'onnx', pooling: ['mean'], dimensions: HIDDEN });
    const data = join(source, 'onnx', 'model_fp16.onnx_data');
    const bytes = await readFile(data);
    bytes[0] = bytes[0]! ^ 1;
    await writeFile(data, bytes);
    expect((await findModel({ source })).fingerprint).not.toBe(before.fingerprint);
  });

  test('has the limit of tokens that its folder names', async () => {
    const source = await compose(['model.onnx']);
    expect((await findModel({ source })).signature.maxTokens).toBe(16);
    await writeFile(join(source, 'tokenizer_config.json'), '{"model_max_length": 1e30}');
    await expect(findModel({ source })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await writeFile(
      join(source, 'config.json'),
      '{"model_type": "unheard-of", "max_position_embeddings": 14}',
    );
    expect((await findModel({ source })).signature.maxTokens).toBe(14);
    await expect(findModel({ source, maxTokens: 15 })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('counts positions as its family does, if it has an input for them', async () => {
    const source = await compose(['model_positions.onnx']);
    expect((await findModel({ source })).signature.parameters.firstPosition).toBe(0);
    await cp(join(ARCHITECTURES, 'roberta', 'config.json'), join(source, 'config.json'));
    const shifted = await open({ source, maxTokens: 14 });
    expect(shifted.signature.parameters.firstPosition).toBe(2);
    const plain = await open({ source: await compose(['model_positions.onnx']), maxTokens: 14 });
    const [a, b] = [await plain.embed(['a b']), await shifted.embed(['a b'])];
    expect(largestDifference(a.vectors, b.vectors)).toBeGreaterThan(0.01);
  });

  test('is refused with a precision that it does not have', async () => {
    const source = await compose(['model.onnx']);
    await expect(findModel({ source, precision: 'int8' })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('float32'),
    });
    expect((await findModel({ source, precision: 'float32' })).signature.precision).toBe('float32');
  });

  test('refuses a tokenizer with more tokens than its table', async () => {
    const source = await compose(['model.onnx']);
    const file = join(source, 'tokenizer.json');
    const values = JSON.parse(await readFile(file, 'utf8')) as { model: { vocab: Record<string, number> } };
    values.model.vocab.more = 30;
    await writeFile(file, JSON.stringify(values));
    const model = await findModel({ source });
    await expect(model.check()).rejects.toMatchObject({ code: 'MODEL_INVALID', file });
  });
});
