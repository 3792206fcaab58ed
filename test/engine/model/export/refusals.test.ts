import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findModel } from '../../../../engine/model/find/find-model.js';
import { writeModel } from '../../../../engine/model/onnx/model-writer.js';
import type { DataType } from '../../../../engine/model/onnx/onnx-format.js';
import { OnnxGraphBuilder } from '../../../../engine/model/onnx/onnx-graph-builder.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { composeExport, EXPORTS, HIDDEN, type PlacedFile } from './exports.js';

const folder = useTemporaryFolder();
let models = 0;
const compose = (...files: readonly PlacedFile[]) =>
  composeExport(join(folder.path, `folder-${++models}`), files);

type Border = Record<string, [DataType, ...(number | string)[]]>;
const rows: [DataType, ...string[]] = ['int64', 'rows', 'columns'];

/**
 * Makes a folder around a graph with these inputs and this output, which computes nothing sensible.
 */
async function composeBorder(inputs: Border, output: string, shape: (number | string)[]): Promise<string> {
  const path = await compose();
  const builder = new OnnxGraphBuilder();
  for (const [name, [type, ...axes]] of Object.entries(inputs)) builder.input(name, type, axes);
  builder.output(output, builder.scalar(1), shape);
  await writeModel(builder, join(path, 'onnx', 'model.onnx'), 'test');
  return path;
}

const states = ['rows', 'columns', HIDDEN];
const asked: Border = { input_ids: rows, attention_mask: rows };

describe('an export is refused with the name of', () => {
  const unsupported: Record<string, [Border, string, (number | string)[], string]> = {
    'an input that is not known': [
      { ...asked, 'past_key_values.0.key': ['float32', 'rows', 2, 'past', 4] },
      'last_hidden_state',
      states,
      'past_key_values.0.key',
    ],
    'an image': [
      { ...asked, pixel_values: ['float32', 'rows', 3, 8, 8] },
      'last_hidden_state',
      states,
      'pixel_values',
    ],
    'an input of another type': [
      { ...asked, token_type_ids: ['float32', 'rows', 'columns'] },
      'last_hidden_state',
      states,
      'token_type_ids" of type float32',
    ],
    'an input of a fixed shape': [
      { ...asked, input_ids: ['int64', 1, 128] },
      'last_hidden_state',
      states,
      'input_ids" of the fixed shape [1, 128]',
    ],
    'the mask that it lacks': [{ input_ids: rows }, 'last_hidden_state', states, 'attention_mask'],
    'the tokens that it lacks': [{ attention_mask: rows }, 'last_hidden_state', states, 'input_ids'],
    'outputs that are not known': [asked, 'logits', states, '"logits"'],
    'an output with too few axes': [asked, 'last_hidden_state', ['rows', HIDDEN], 'with 2 axes'],
  };

  test.each(Object.entries(unsupported))('%s', async (_, [inputs, output, shape, named]) => {
    const path = await composeBorder(inputs, output, shape);
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining(named),
      file: join(path, 'onnx', 'model.onnx'),
    });
  });

  test('states of another size than the pooling says', async () => {
    const path = await composeBorder(asked, 'last_hidden_state', ['rows', 'columns', 5]);
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('have 5 numbers'),
    });
  });

  test('vectors of another size than the modules say', async () => {
    const path = await composeBorder(asked, 'sentence_embedding', ['rows', 5]);
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('has 5 numbers'),
    });
  });

  test('vectors whose pooling should leave the prompt out', async () => {
    const path = await compose('model_pooled.onnx');
    const pooling = { word_embedding_dimension: HIDDEN, pooling_mode: 'mean', include_prompt: false };
    await writeFile(join(path, '1_Pooling', 'config.json'), JSON.stringify(pooling));
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining('include_prompt'),
    });
  });

  test('the modules.json that it lacks, without which its pooling is not known', async () => {
    const path = await compose('model.onnx');
    await rm(join(path, 'modules.json'));
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      file: join(path, 'modules.json'),
    });
  });
});

describe('a damaged export is MODEL_INVALID and names its file:', () => {
  test('cut short anywhere', async () => {
    const path = await compose('model.onnx');
    const file = join(path, 'onnx', 'model.onnx');
    const whole = await readFile(join(EXPORTS, 'model.onnx'));
    const cuts = Array.from({ length: 60 }, (_, part) => Math.floor((part * whole.length) / 60));
    for (const bytes of [...cuts, whole.length - 1]) {
      await writeFile(file, whole.subarray(0, bytes));
      await expect(findModel({ source: path }), `${bytes} bytes`).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        file,
      });
    }
  });

  test.each([
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 90387606\n'],
    ['a page of a web server', '<!DOCTYPE html><html><body>Not found</body></html>'],
    ['an archive', 'PK\u0003\u0004\u0014\u0000'],
    ['nothing', ''],
  ])('%s', async (_, text) => {
    const path = await compose('model.onnx');
    const file = join(path, 'onnx', 'model.onnx');
    await writeFile(file, text);
    await expect(findModel({ source: path })).rejects.toMatchObject({ code: 'MODEL_INVALID', file });
  });

  test('without the second file that holds its weights, or with less of it', async () => {
    const path = await compose('model_fp16.onnx', 'model_fp16.onnx_data');
    const file = join(path, 'onnx', 'model_fp16.onnx_data');
    await truncate(file, 5000);
    const refusal = { code: 'MODEL_INVALID', file };
    await expect(findModel({ source: path })).rejects.toMatchObject(refusal);
    await rm(file);
    await expect(findModel({ source: path })).rejects.toMatchObject(refusal);
  });

  test('with weights outside its folder', async () => {
    const path = await compose('model_fp16.onnx', 'model_fp16.onnx_data');
    const file = join(path, 'onnx', 'model_fp16.onnx');
    const graph = await readFile(file, 'latin1');
    const outside = '../model_fp16.onnx_d';
    await writeFile(file, graph.replaceAll('model_fp16.onnx_data', outside), 'latin1');
    await expect(findModel({ source: path })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file,
      message: expect.stringContaining(outside),
    });
  });

  test('whose states turn out to have another size, when it is opened', async () => {
    const path = await composeBorder(asked, 'last_hidden_state', ['rows', 'columns', 'size']);
    const model = await findModel({ source: path });
    await expect(model.open({ sessions: 1 })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, 'onnx', 'model.onnx'),
    });
  });

  test('with an operator that the runtime does not know, when it is opened', async () => {
    const path = await compose('model.onnx');
    const file = join(path, 'onnx', 'model.onnx');
    const graph = await readFile(file, 'latin1');
    await writeFile(file, graph.replaceAll('Softmax', 'Softmin'), 'latin1');
    const model = await findModel({ source: path });
    await expect(model.open({ sessions: 1 })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file,
      remedy: expect.stringContaining('export'),
    });
  });
});
