import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LOCKED_MODELS } from '../../../../engine/model/fetch/locked-models.js';
import type { ModelSource } from '../../../../engine/model/fetch/model-sources.js';
import { pullModel } from '../../../../engine/model/fetch/pull.js';
import { resolveModel } from '../../../../engine/model/fetch/resolve-model.js';
import { hasMinilm, MINILM } from '../reference.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const folder = useTemporaryFolder();
const model = LOCKED_MODELS[0]!;
const models = () => join(folder.path, 'cache', 'models');

/** Returns a source that gives a folder of this machine, which may be changed. */
function localSource(change: (target: string) => Promise<void> = async () => undefined): ModelSource {
  return {
    name: 'package',
    describe: () => 'a folder',
    fetch: async (_, target) => {
      await cp(MINILM, target, { recursive: true });
      await change(target);
      return target;
    },
  };
}

const unreachable: ModelSource = {
  name: 'hub',
  describe: () => 'an unreachable host',
  fetch: () => Promise.reject(new Error('no route')),
};

describe.skipIf(!hasMinilm)('pulling a model', () => {
  test('refuses a file with another checksum, and no folder appears', async () => {
    const spoiled = localSource((target) => writeFile(join(target, 'tokenizer.json'), '{}'));
    await expect(pullModel(model.name, { sources: [spoiled] })).rejects.toMatchObject({
      code: 'MODEL_CHECKSUM_MISMATCH',
      file: 'tokenizer.json',
    });
    expect(await readdir(models())).toEqual([]);
  });

  test('uses the next source where one fails, says why, and keeps only locked files', async () => {
    const lines: string[] = [];
    const extra = localSource((target) => writeFile(join(target, 'surprise.py'), ''));
    const pulled = await pullModel(model.name, {
      sources: [unreachable, extra],
      log: (line) => lines.push(line),
    });
    expect(pulled).toEqual({ folder: join(models(), model.name), source: 'package' });
    expect(lines.join('\n')).toContain('no route');
    expect(await readdir(models())).toEqual([model.name]);
    const files = await readdir(pulled.folder, { recursive: true });
    expect(files.filter((file) => file !== '1_Pooling').sort()).toEqual(
      model.files.map((file) => file.path).sort(),
    );
  });

  test('fetches nothing if the model exists, by its name or its repository', async () => {
    const options = { sources: [unreachable] };
    expect(await pullModel(model.name, options)).toMatchObject({ source: 'cache' });
    expect(await pullModel(model.hub.repository, options)).toMatchObject({ source: 'cache' });
  });

  test('repairs a damaged folder', async () => {
    await writeFile(join(models(), model.name, 'config.json'), '{}');
    expect(await pullModel(model.name, { sources: [localSource()] })).toMatchObject({ source: 'package' });
    expect(await pullModel(model.name, { sources: [unreachable] })).toMatchObject({ source: 'cache' });
  });
});

describe('a model that cannot be fetched', () => {
  test('is refused by name if it is not locked', async () => {
    await expect(pullModel('some-model', { sources: [] })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  test('is refused with every source and its reason', async () => {
    process.env.VECTORMILL_CACHE = join(folder.path, 'empty');
    await expect(pullModel(model.name, { sources: [unreachable] })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('an unreachable host: no route'),
    });
  });
});

describe('resolving a model', () => {
  test('finds a name in the cache and a folder by its path', async () => {
    process.env.VECTORMILL_CACHE = join(folder.path, 'own');
    const cached = join(folder.path, 'own', 'models', 'mine');
    await mkdir(cached, { recursive: true });
    expect(await resolveModel('mine')).toBe(cached);
    expect(await resolveModel(cached)).toBe(cached);
  });

  test('says what to type for a model that can be pulled', async () => {
    process.env.VECTORMILL_CACHE = join(folder.path, 'empty');
    await expect(resolveModel(model.name)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      remedy: expect.stringContaining(`vectormill model pull ${model.name}`),
    });
  });

  test.each(['..', '.', 'no/such/folder', ''])('does not take %j for a name in the cache', async (name) => {
    process.env.VECTORMILL_CACHE = join(folder.path, 'own');
    if (name === '.' || name === '..') expect(await resolveModel(name)).not.toContain('own');
    else await expect(resolveModel(name)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});
