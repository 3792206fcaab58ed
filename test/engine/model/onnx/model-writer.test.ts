import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeModel } from '../../../../engine/model/onnx/model-writer.js';
import { OnnxGraphBuilder } from '../../../../engine/model/onnx/onnx-graph-builder.js';
import { InferenceSession, Tensor } from '../../../../engine/model/session/onnx-runtime.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const SIZE = 40;
/** Less than one of the two matrices of `SIZE` × `SIZE` numbers. */
const SMALL = 4096;

const folder = useTemporaryFolder();
let path = '';
let folders = 0;
beforeEach(async () => {
  folders += 1;
  path = join(folder.path, `written-${folders}`);
  await mkdir(path);
});

/** Returns a graph with two matrices, and a bias that is small enough to stay in the graph. */
function twoLayers(scale = 1, loadSecond?: () => Promise<Float32Array>): OnnxGraphBuilder {
  const builder = new OnnxGraphBuilder();
  const matrix = (offset: number) => async () =>
    Float32Array.from({ length: SIZE * SIZE }, (_, index) => (scale * (((index + offset) % 17) - 8)) / 10);
  const first = builder.weight('first', [SIZE, SIZE], matrix(0));
  const bias = builder.weight('bias', [SIZE], async () => Float32Array.from({ length: SIZE }, (_, i) => i));
  const second = builder.weight('second', [SIZE, SIZE], loadSecond ?? matrix(5));
  const input = builder.input('input', 'float32', ['rows', SIZE]);
  const hidden = builder.add('Add', [builder.add('MatMul', [input, first]), bias]);
  builder.output('output', builder.add('MatMul', [hidden, second]), ['rows', SIZE]);
  return builder;
}

async function run(file: string): Promise<number[]> {
  const session = await InferenceSession.create(file);
  const input = new Tensor(
    'float32',
    Float32Array.from({ length: SIZE }, (_, index) => Math.sin(index)),
    [1, SIZE],
  );
  const { output } = await session.run({ input });
  await session.release();
  return [...(output!.data as Float32Array)];
}

describe('a graph above the limit of its format', () => {
  test('keeps large tensors in a second file, and computes the same', async () => {
    const [whole, split] = [join(path, 'whole.onnx'), join(path, 'split.onnx')];
    await writeModel(twoLayers(), whole, 'test');
    await writeModel(twoLayers(), split, 'test', SMALL);
    expect((await readdir(path)).sort()).toEqual([
      expect.stringMatching(/^split\.onnx$/),
      expect.stringMatching(/^split\.onnx\.[0-9a-f]{16}\.data$/),
      'whole.onnx',
    ]);
    expect((await stat(split)).size).toBeLessThan(SMALL);
    expect(await run(split)).toEqual(await run(whole));
  });

  test('has the same bytes every time', async () => {
    const files = ['one.onnx', 'other.onnx'].map((name) => join(path, name));
    for (const file of files) await writeModel(twoLayers(), file, 'test', SMALL);
    const contents = async (stem: string) => {
      const name = (await readdir(path)).find((entry) => entry.startsWith(`${stem}.onnx.`))!;
      return readFile(join(path, name));
    };
    expect(await contents('one')).toEqual(await contents('other'));
  });

  test('replaces an earlier one, and its tensors are removed with it', async () => {
    const file = join(path, 'model.onnx');
    await writeModel(twoLayers(1), file, 'test', SMALL);
    const before = await run(file);
    await writeModel(twoLayers(2), file, 'test', SMALL);
    expect(await run(file)).not.toEqual(before);
    expect(await readdir(path)).toHaveLength(2);
    await writeModel(twoLayers(1), file, 'test');
    expect(await run(file)).toEqual(before);
    expect(await readdir(path)).toEqual(['model.onnx']);
  });

  test('leaves the earlier one as it was if a tensor cannot be read', async () => {
    const file = join(path, 'model.onnx');
    await writeModel(twoLayers(), file, 'test', SMALL);
    const [names, before] = [await readdir(path), await run(file)];
    const damaged = twoLayers(3, () => Promise.reject(new Error('damaged')));
    await expect(writeModel(damaged, file, 'test', SMALL)).rejects.toThrow('damaged');
    expect(await readdir(path)).toEqual(names);
    expect(await run(file)).toEqual(before);
  });
});
