import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findExport } from '../../../../engine/model/export/find-export.js';
import { findModel } from '../../../../engine/model/find/find-model.js';
import { SENTENCE_HEADS } from '../sentence-heads.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { composeExport, type PlacedFile } from './exports.js';

const folder = useTemporaryFolder();
let models = 0;
const compose = (...files: readonly PlacedFile[]) =>
  composeExport(join(folder.path, `folder-${++models}`), files);

describe('without a file that is named', () => {
  test('safetensors come first', async () => {
    const path = await compose('model.onnx');
    await cp(join(SENTENCE_HEADS, 'encoder', 'model.safetensors'), join(path, 'model.safetensors'));
    expect(await findExport(path, undefined)).toBeUndefined();
    await rm(join(path, 'model.safetensors'));
    await writeFile(join(path, 'model.safetensors.index.json'), '{}');
    expect(await findExport(path, undefined)).toBeUndefined();
  });

  test.each([
    [['model_quantized.onnx'], 'onnx/model_quantized.onnx'],
    [[['model.onnx', 'encoder.onnx']], 'encoder.onnx'],
    [['model.onnx', 'model_int32.onnx', ['model.onnx', 'model.onnx']], 'onnx/model.onnx'],
    [['model_int32.onnx', ['model.onnx', 'model.onnx']], 'model.onnx'],
  ] satisfies [PlacedFile[], string][])('of %j, %s is chosen', async (files, chosen) => {
    const path = await compose(...files);
    expect(await findExport(path, undefined)).toBe(join(path, chosen));
  });

  test('several files are refused by name if none is called model.onnx', async () => {
    const path = await compose('model_quantized.onnx', 'model_int32.onnx');
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining('onnx/model_int32.onnx, onnx/model_quantized.onnx'),
      remedy: expect.stringContaining('--file'),
    });
  });

  test('a folder with neither is refused with what it lacks', async () => {
    const path = await compose();
    await cp(join(SENTENCE_HEADS, 'encoder', 'config.json'), join(path, 'config.json'));
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('model.safetensors'),
    });
  });
});

describe('a file that is named', () => {
  test('is chosen, whatever else there is', async () => {
    const path = await compose('model.onnx', 'model_int32.onnx');
    await cp(join(SENTENCE_HEADS, 'encoder', 'model.safetensors'), join(path, 'model.safetensors'));
    expect(await findExport(path, 'onnx/model_int32.onnx')).toBe(join(path, 'onnx', 'model_int32.onnx'));
    expect(await findExport(path, './onnx/../onnx/model.onnx')).toBe(join(path, 'onnx', 'model.onnx'));
  });

  test('is refused with the existing files if it is missing', async () => {
    const path = await compose('model.onnx');
    await expect(findModel({ source: path, file: 'onnx/model_q4.onnx' })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, 'onnx', 'model_q4.onnx'),
      message: expect.stringContaining('onnx/model.onnx'),
    });
  });

  test.each(['../elsewhere/model.onnx', '/model.onnx', 'model.safetensors', 'onnx'])(
    'is refused if it is not an ONNX file below the folder: %s',
    async (file) => {
      const path = await compose('model.onnx');
      await expect(findModel({ source: path, file })).rejects.toMatchObject({ code: 'USAGE' });
    },
  );
});
