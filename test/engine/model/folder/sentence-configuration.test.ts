import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readSentenceConfiguration } from '../../../../engine/model/folder/sentence-configuration.js';
import { readModelFolder } from '../../../../engine/model/transformer/model-folder.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
let path = '';
let folders = 0;
beforeEach(async () => {
  folders += 1;
  path = join(folder.path, `${folders}`);
  await mkdir(path);
});

const write = (name: string, values: unknown) => writeFile(join(path, name), JSON.stringify(values));
const read = () => readSentenceConfiguration(path, 'last_hidden_state');
const BERT = 'sentence_bert_config.json';

describe('the configuration that sentence-transformers reads for an encoder', () => {
  // The names that `Transformer.load_config` of sentence-transformers 6.2 tries, in its order.
  const names = ['bert', 'roberta', 'distilbert', 'camembert', 'albert', 'xlm-roberta', 'xlnet'].map(
    (name) => `sentence_${name}_config.json`,
  );

  test.each(names)('is read from %s', async (name) => {
    await write(name, { max_seq_length: 7, do_lower_case: true });
    expect(await read()).toMatchObject({ file: join(path, name), maxTokens: 7, lowerCase: true });
  });

  test('comes from the first of these files that holds anything', async () => {
    for (const [at, name] of names.entries()) await write(name, { max_seq_length: at + 1 });
    await write(names[0]!, {});
    expect(await read()).toMatchObject({ file: join(path, names[1]!), maxTokens: 2 });
  });

  test('is empty if there is no such file', async () => {
    expect(await read()).toMatchObject({ maxTokens: undefined, lowerCase: false });
  });

  test.each(['processor_kwargs', 'tokenizer_args'])(
    'lets %s take precedence over max_seq_length',
    async (key) => {
      await write(BERT, { max_seq_length: 7, [key]: { model_max_length: 5, trust_remote_code: true } });
      expect(await read()).toMatchObject({ maxTokens: 5 });
    },
  );

  test('ignores settings that change no number', async () => {
    await write(BERT, {
      max_seq_length: 7,
      model_args: { torch_dtype: 'float16' },
      model_kwargs: {},
      config_args: { trust_remote_code: true },
      unpad_inputs: null,
      processing_kwargs: {},
      modality_config: { text: { method: 'forward', method_output_name: 'last_hidden_state' } },
      module_output_name: 'token_embeddings',
    });
    expect(await read()).toMatchObject({ maxTokens: 7 });
  });

  test.each<[string, unknown]>([
    ['processor_kwargs', { padding_side: 'left' }],
    ['tokenizer_args', { do_lower_case: false }],
    ['config_kwargs', { num_hidden_layers: 1 }],
    ['config_args', { attention_probs_dropout_prob: 0 }],
    ['model_args', { subfolder: 'other' }],
    ['processing_kwargs', { text: { max_length: 4 } }],
    ['tokenizer_name_or_path', 'other'],
    ['query_length', 32],
    ['document_length', 180],
    ['query_expansion', { strategy: 'fixed', length: 32 }],
    ['modality_config', { text: { method: 'forward', method_output_name: 'pooler_output' } }],
    ['modality_config', { message: { method: 'forward', method_output_name: 'last_hidden_state' } }],
    ['module_output_name', 'sentence_embedding'],
  ])('refuses %s %j by name', async (key, value) => {
    await write('sentence_roberta_config.json', { max_seq_length: 7, [key]: value });
    await expect(read()).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      file: join(path, 'sentence_roberta_config.json'),
      message: expect.stringContaining(key),
    });
  });
});

describe('of a model folder', () => {
  test('the older name limits the tokens as the newer one does', async () => {
    await writeTinyModel(join(path, 'older'), {
      files: { [BERT]: {}, 'sentence_xlm-roberta_config.json': { max_seq_length: 9 } },
    });
    await writeTinyModel(join(path, 'newer'), { files: { [BERT]: { max_seq_length: 9 } } });
    const [older, newer] = [
      await readModelFolder(join(path, 'older')),
      await readModelFolder(join(path, 'newer')),
    ];
    expect(older.maxTokens).toBe(9);
    expect({ ...older, name: '', encoderFolder: '', tokenizer: '', weightsFile: '', encoder: '' }).toEqual({
      ...newer,
      name: '',
      encoderFolder: '',
      tokenizer: '',
      weightsFile: '',
      encoder: '',
    });
  });

  test('truncate_dim is refused by name, with what to do instead', async () => {
    await writeTinyModel(path, { files: { 'config_sentence_transformers.json': { truncate_dim: 6 } } });
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      file: join(path, 'config_sentence_transformers.json'),
      message: expect.stringContaining('truncate_dim'),
      remedy: expect.stringContaining('dimensions'),
    });
  });

  test('of plain transformers is refused with the files to write', async () => {
    await writeTinyModel(path);
    await rm(join(path, 'modules.json'));
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, 'modules.json'),
      message: expect.stringContaining('lacks modules.json'),
      remedy: expect.stringContaining('1_Pooling/config.json'),
    });
  });

  test('with an adapter beside the weights is refused', async () => {
    await writeTinyModel(path, { files: { 'adapter_config.json': { peft_type: 'LORA' } } });
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      file: join(path, 'adapter_config.json'),
    });
  });

  test('without tokenizer.json is refused with where to get it', async () => {
    await writeTinyModel(path);
    await rm(join(path, 'tokenizer.json'));
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, 'tokenizer.json'),
      remedy: expect.stringContaining('docs/models.md'),
    });
  });

  test.each<[object, number]>([
    [{ model_max_length: 11 }, 11],
    [{ max_len: 11 }, 11],
    [{ max_len: 11, model_max_length: null }, 24],
    [{ max_len: 11, model_max_length: 1e30 }, 24],
    [{}, 24],
  ])('%j of the tokenizer limits rows to %d tokens if no other file does', async (limits, expected) => {
    const tokenizer = { tokenizer_class: 'TokenizersBackend', ...limits };
    await writeTinyModel(path, { files: { [BERT]: {}, 'tokenizer_config.json': tokenizer } });
    expect((await readModelFolder(path)).maxTokens).toBe(expected);
  });

  test('two modules of one name are refused', async () => {
    const module = (name: string, at: string) => ({
      name: '0',
      path: at,
      type: `sentence_transformers.models.${name}`,
    });
    await writeTinyModel(path, {
      files: { 'modules.json': [module('Transformer', ''), module('Pooling', '1_Pooling')] },
    });
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, 'modules.json'),
    });
  });
});
