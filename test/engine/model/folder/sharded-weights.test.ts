import { createHash } from 'node:crypto';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../../engine/model/fingerprint.js';
import { openWeights } from '../../../../engine/model/folder/sharded-weights.js';
import { readModelFolder } from '../../../../engine/model/transformer/model-folder.js';
import { checkWeights } from '../../../../engine/model/transformer/model-graph.js';
import { ARCHITECTURES, readValues } from '../architectures.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { readSignature } from '../transformer/read-signature.js';

const SHARDS = [1, 2, 3, 4].map((number) => `model-0000${number}-of-00004.safetensors`);
const INDEX = 'model.safetensors.index.json';

const folder = useTemporaryFolder();
let path = '';
let models = 0;
beforeEach(async () => {
  models += 1;
  path = join(folder.path, `sharded-${models}`);
  await cp(join(ARCHITECTURES, 'qwen2'), path, { recursive: true });
});

async function writeMap(change: (map: Record<string, unknown>) => unknown): Promise<void> {
  const values = await readValues(join(path, INDEX));
  const map = change({ ...(values.weight_map as Record<string, unknown>) });
  await writeFile(join(path, INDEX), JSON.stringify({ ...values, weight_map: map }));
}

describe('weights in shards', () => {
  test('hold every tensor of the index, whichever file it is in', async () => {
    const weights = await openWeights(join(path, INDEX));
    const { weight_map: map } = await readValues(join(path, INDEX));
    expect([...weights.tensors.keys()].sort()).toEqual(Object.keys(map as object).sort());
    for (const [name, { shape }] of weights.tensors)
      expect(await weights.readFloat32(name)).toHaveLength(
        shape.reduce((product, size) => product * size, 1),
      );
    await expect(weights.readFloat32('absent')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await weights.close();
  });

  test('are refused, naming the shard, if one is missing, cut short or without a tensor', async () => {
    const second = join(path, SHARDS[1]!);
    const refused = (file: string) => ({ code: 'MODEL_INVALID', file });
    await writeMap((map) => ({ ...map, 'layers.9.mlp.up_proj.weight': SHARDS[1] }));
    await expect(openWeights(join(path, INDEX))).rejects.toMatchObject(refused(second));
    await truncate(second, 1000);
    await expect(openWeights(join(path, INDEX))).rejects.toMatchObject(refused(second));
    await rm(second);
    await expect(openWeights(join(path, INDEX))).rejects.toMatchObject(refused(second));
    await expect(readSignature(path)).rejects.toMatchObject(refused(second));
  });

  test('are refused, naming the index, if it leaves out a tensor of the model', async () => {
    await writeMap(({ 'layers.2.mlp.up_proj.weight': _, ...rest }) => rest);
    await expect(
      checkWeights(await readModelFolder(path), { dimensions: 16, precision: 'float32' }),
    ).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, INDEX),
      message: expect.stringContaining('layers.2.mlp.up_proj.weight'),
    });
  });

  test.each([
    ['no map', () => undefined],
    ['an empty map', () => ({})],
    ['a list', () => ['model.safetensors']],
    ['a file in another folder', () => ({ 'norm.weight': '../qwen2/model.safetensors' })],
    ['a file of another format', () => ({ 'norm.weight': 'pytorch_model-00001-of-00002.bin' })],
    ['a number for a file', () => ({ 'norm.weight': 1 })],
  ])('are refused if the index holds %s', async (_, map) => {
    await writeMap(map);
    await expect(openWeights(join(path, INDEX))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, INDEX),
    });
  });

  test('are hashed together, so that a change in any of them gives another fingerprint', async () => {
    const before = await readSignature(path);
    const hashes = await Promise.all(
      SHARDS.map(async (name) =>
        createHash('sha256')
          .update(await readFile(join(path, name)))
          .digest('hex'),
      ),
    );
    const joined = createHash('sha256').update(hashes.sort().join('\n')).digest('hex');
    expect(before.weightsSha256).toBe(joined);
    const last = join(path, SHARDS[3]!);
    const bytes = await readFile(last);
    await writeFile(last, bytes.fill(0, bytes.length - 4));
    expect(fingerprintOf(await readSignature(path))).not.toBe(fingerprintOf(before));
  });

  test('are not used if the folder also has a single file', async () => {
    await cp(join(path, SHARDS[0]!), join(path, 'model.safetensors'));
    expect((await readModelFolder(path)).weightsFile).toBe(join(path, 'model.safetensors'));
  });
});
