import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { InferenceSession } from '../../../../engine/model/session/onnx-runtime.js';
import { readModelFolder } from '../../../../engine/model/transformer/model-folder.js';
import { ensureModelGraph } from '../../../../engine/model/transformer/model-graph.js';
import { convertModel } from '../../../../engine/model/transformer/transformer-model.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { TINY, tinyWeights, writeTinyModel } from '../tiny-model.js';
import { readSignature } from './read-signature.js';

const folder = useTemporaryFolder();
let path = '';
beforeAll(async () => {
  path = join(folder.path, 'tiny');
  await writeTinyModel(path);
});

const graphs = () => join(folder.path, 'cache', 'graphs');

describe('writing a graph', () => {
  test('names inputs and output as other tools expect them', async () => {
    const file = join(folder.path, 'named.onnx');
    await convertModel(path, {}, file);
    const session = await InferenceSession.create(file);
    expect(session.inputNames).toEqual(['input_ids', 'attention_mask']);
    expect(session.outputMetadata).toMatchObject([
      { name: 'sentence_embedding', type: 'float32', shape: ['rows', TINY.hidden] },
    ]);
    await session.release();
  });

  test('gives the same bytes every time', async () => {
    const files = ['first.onnx', 'second.onnx'].map((name) => join(folder.path, name));
    for (const file of files) await convertModel(path, {}, file);
    expect(await readFile(files[0]!)).toEqual(await readFile(files[1]!));
  });

  test('leaves nothing behind when a tensor has another shape than the configuration says', async () => {
    const target = join(folder.path, 'wrong');
    const weights = tinyWeights();
    weights.get('encoder.layer.1.output.dense.weight')!.shape.reverse();
    await writeTinyModel(target, { weights });
    await expect(convertModel(target, {}, join(target, 'out.onnx'))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(target, 'model.safetensors'),
    });
    expect((await readdir(target)).filter((name) => name.includes('onnx'))).toEqual([]);
  });

  test('accepts the names of checkpoints that were converted from TensorFlow', async () => {
    const files = ['new.onnx', 'older.onnx'].map((name) => join(folder.path, name));
    const weights = [...tinyWeights()].map(([name, tensor]) => {
      const older = name
        .replace('LayerNorm.weight', 'LayerNorm.gamma')
        .replace('LayerNorm.bias', 'LayerNorm.beta');
      return [older, tensor] as const;
    });
    const older = join(folder.path, 'older');
    await writeTinyModel(older, { weights: new Map(weights) });
    await convertModel(path, {}, files[0]!);
    await convertModel(older, {}, files[1]!);
    expect(await readFile(files[1]!)).toEqual(await readFile(files[0]!));
  });

  test('refuses weights that lack the encoder', async () => {
    const target = join(folder.path, 'headless');
    await writeTinyModel(target, { prefix: 'roberta.' });
    await expect(convertModel(target, {}, join(target, 'out.onnx'))).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
    });
  });
});

describe('the graph cache', () => {
  test('holds one file after many processes wrote at once', async () => {
    const [model, signature] = [await readModelFolder(path), await readSignature(path)];
    const files = await Promise.all(Array.from({ length: 5 }, () => ensureModelGraph(model, signature)));
    expect(new Set(files).size).toBe(1);
    expect(await readdir(graphs())).toEqual([files[0]!.split('/').at(-1)]);
  });

  test('does not write a graph that exists', async () => {
    const [model, signature] = [await readModelFolder(path), await readSignature(path)];
    const file = await ensureModelGraph(model, signature);
    const before = await stat(file);
    expect(await ensureModelGraph(model, signature)).toBe(file);
    expect((await stat(file)).ino).toBe(before.ino);
  });

  test('has another file for another pooling, and the same for another limit', async () => {
    const model = await readModelFolder(path);
    const signature = await readSignature(path);
    const file = await ensureModelGraph(model, signature);
    expect(await ensureModelGraph(model, { ...signature, maxTokens: 8 })).toBe(file);
    const pooling = { ...model.pooling, modes: ['cls'] as const };
    expect(await ensureModelGraph({ ...model, pooling }, { ...signature, pooling: ['cls'] })).not.toBe(file);
    expect(await ensureModelGraph(model, { ...signature, dimensions: 5 })).not.toBe(file);
  });

  test('removes what a killed process left long ago, and nothing newer', async () => {
    const [model, signature] = [await readModelFolder(path), await readSignature(path, { maxTokens: 3 })];
    await ensureModelGraph(model, signature);
    const [old, fresh] = ['old.partial', 'fresh.partial'].map((name) => join(graphs(), name)) as [
      string,
      string,
    ];
    await writeFile(old, '');
    await writeFile(fresh, '');
    await utimes(old, new Date(0), new Date(0));
    await ensureModelGraph({ ...model, normalize: false }, { ...signature, normalize: false });
    const names = await readdir(graphs());
    expect(names).toContain('fresh.partial');
    expect(names).not.toContain('old.partial');
  });

  test('removes large tensors without a graph, and none that a graph needs', async () => {
    const [model, signature] = [await readModelFolder(path), await readSignature(path)];
    const graph = (await ensureModelGraph(model, signature)).split('/').at(-1)!;
    const digits = '0123456789abcdef';
    const [needed, orphan] = [`${graph}.${digits}.data`, `${digits}.onnx.${digits}.data`];
    for (const name of [needed, orphan]) {
      await writeFile(join(graphs(), name), '');
      await utimes(join(graphs(), name), new Date(0), new Date(0));
    }
    await ensureModelGraph({ ...model, dimensions: 7 }, { ...signature, dimensions: 7 });
    const names = await readdir(graphs());
    expect(names).toContain(needed);
    expect(names).not.toContain(orphan);
  });
});
