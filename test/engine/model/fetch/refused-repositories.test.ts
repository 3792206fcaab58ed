import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { faultOf } from '../../../support/hub-server.js';
import { tinyConfiguration } from '../tiny-model.js';
import { cacheOf, hub, name, pull, tiny, withFiles } from './hub-of-tiny-models.js';

describe('what is not fetched', () => {
  const without = (...paths: string[]) => new Map([...tiny].filter(([path]) => !paths.includes(path)));
  const refusal = async () => {
    const error = await pull().catch((thrown: Error) => thrown);
    expect(existsSync(cacheOf(name))).toBe(false);
    return error;
  };
  const weightsSent = () => hub.seen.filter(({ path }) => /\/(model|pytorch_model)\.|onnx/.test(path)).length;

  test('pickles, with what to do', async () => {
    hub.add(name, {
      files: new Map([...without('model.safetensors'), ['pytorch_model.bin', Buffer.from('x')]]),
    });
    expect(await refusal()).toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining('only as pickle (pytorch_model.bin)'),
      remedy: expect.stringContaining(`${name}@refs/pr/1`),
    });
    expect(weightsSent()).toBe(0);
  });

  test('weights of an architecture that is not computed; its ONNX file is named', async () => {
    const config = Buffer.from(JSON.stringify({ ...tinyConfiguration(), model_type: 'mamba' }));
    hub.add(name, { files: withFiles(['config.json', config], ['onnx/model.onnx', Buffer.from('graph')]) });
    expect(await refusal()).toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining('mamba'),
      remedy: expect.stringContaining(`vectormill model pull ${name} --file onnx/model.onnx`),
    });
    expect(weightsSent()).toBe(0);
    const { lock } = await pull(name, { file: 'onnx/model.onnx' });
    expect(lock.files.map(({ path }) => path)).toContain('onnx/model.onnx');
    expect(lock.files.map(({ path }) => path)).not.toContain('model.safetensors');
  });

  test('a model without modules.json, and one without weights', async () => {
    hub.add(name, { files: without('modules.json', '1_Pooling/config.json') });
    expect(await refusal()).toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('modules.json'),
    });
    hub.add(name, { files: new Map([...without('model.safetensors'), ['model.gguf', Buffer.from('x')]]) });
    expect(await refusal()).toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining('model.gguf'),
    });
  });

  test.each(['../outside.json', '/etc/passwd', 'a/../../b', 'c:\\x', 'a//b', '.', 'a\0b'])(
    'a repository whose list names %j',
    async (path) => {
      const siblings = [{ rfilename: path, size: 1, blobId: '0'.repeat(40) }];
      hub.add(name, { files: tiny, siblings });
      expect(await refusal()).toMatchObject({
        code: 'MODEL_INVALID',
        message: expect.stringContaining('outside'),
      });
    },
  );

  test('anything by a path that modules.json leads out of the folder', async () => {
    const modules = Buffer.from(
      JSON.stringify([{ type: 'sentence_transformers.models.Transformer', path: '../..' }]),
    );
    hub.add(name, { files: withFiles(['modules.json', modules]) });
    expect(await refusal()).toMatchObject({ code: 'MODEL_INVALID', message: expect.stringContaining(name) });
  });

  test('a list of files that is too long to be a model', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => ({
      rfilename: `data/${at}`,
      size: 1,
      blobId: '0'.repeat(40),
    }));
    const right = [...tiny].map(([rfilename, body]) => [rfilename, body] as const);
    hub.add(name, { files: new Map(right), siblings: many });
    expect(await refusal()).toMatchObject({ code: 'MODEL_UNSUPPORTED' });
    const long = Buffer.alloc(33 << 20, 32);
    hub.faults.push(faultOf('main', Number.POSITIVE_INFINITY, (_, response) => response.end(long)));
    expect(await refusal()).toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('32 MiB'),
    });
  });
});
