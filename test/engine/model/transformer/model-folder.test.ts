import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readModelFolder } from '../../../../engine/model/transformer/model-folder.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { TINY, type TinyOptions, tinyConfiguration, tinyTokenizer, writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
let path = '';
let models = 0;
beforeEach(() => {
  models += 1;
  path = join(folder.path, `tiny-${models}`);
});

const module = (name: string, at = '') => ({ path: at, type: `sentence_transformers.models.${name}` });
const pooling = (values: object) => ({
  '1_Pooling/config.json': { word_embedding_dimension: TINY.hidden, ...values },
});

/** Returns a `modules.json` with more modules after pooling. */
const modules = (...more: readonly object[]) => ({
  'modules.json': [module('Transformer'), module('Pooling', '1_Pooling'), ...more],
});
/** A Dense module in the root folder shares its configuration and weights with the encoder. */
const dense = (values: object) => ({
  'config.json': { ...tinyConfiguration(), in_features: TINY.hidden, out_features: 5, ...values },
});

const bert = (lowercase: boolean) => ({
  type: 'BertNormalizer',
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase,
});
/** Returns a folder that asks for lower case, and whose tokenizer has this normaliser. */
const lowerCase = (normalizer: unknown) => ({
  'sentence_bert_config.json': { max_seq_length: 16, do_lower_case: true },
  'tokenizer.json': { ...tinyTokenizer(), normalizer },
});

const unsupported: Record<string, [TinyOptions, string]> = {
  'an unknown module': [{ files: modules(module('Dropout', '2_Dropout')) }, 'models.Dropout'],
  'a second pooling': [{ files: modules(module('Pooling', '1_Pooling')) }, 'models.Pooling after pooling'],
  'an unknown activation after pooling': [
    {
      files: {
        ...modules(module('Dense')),
        ...dense({ activation_function: 'torch.nn.modules.activation.GLU' }),
      },
    },
    'activation.GLU',
  ],
  'an activation of foreign code': [
    { files: { ...modules(module('Dense')), ...dense({ activation_function: 'mine.Tanh' }) } },
    'mine.Tanh',
  ],
  'an activation that is null': [
    { files: { ...modules(module('Dense')), ...dense({ activation_function: null }) } },
    'activation null',
  ],
  'a layer over the states of tokens': [
    { files: { ...modules(module('Dense')), ...dense({ module_input_name: 'token_embeddings' }) } },
    'token_embeddings',
  ],
  'a normalisation of the states of tokens': [
    {
      files: {
        ...modules(module('Normalize', '1_Pooling')),
        ...pooling({ module_input_name: 'token_embeddings' }),
      },
    },
    'token_embeddings',
  ],
  'a module of foreign code': [
    { files: { 'modules.json': [{ path: '', type: 'mine.Transformer' }] } },
    'mine.Transformer',
  ],
  'modules in another order': [
    { files: { 'modules.json': [module('Pooling', '1_Pooling'), module('Transformer')] } },
    'Transformer',
  ],
  'no Pooling module': [{ files: { 'modules.json': [module('Transformer')] } }, 'Pooling'],
  'an unknown architecture': [{ configuration: { model_type: 'mamba' } }, 'mamba'],
  'an architecture named like a property of every object': [
    { configuration: { model_type: 'toString' } },
    'toString',
  ],
  'an unknown activation': [{ configuration: { hidden_act: 'swish' } }, 'swish'],
  'relative positions': [{ configuration: { position_embedding_type: 'relative_key' } }, 'relative_key'],
  'a decoder': [{ configuration: { is_decoder: true } }, 'is_decoder'],
  'an unknown pooling': [{ files: pooling({ pooling_mode: 'attention' }) }, 'attention'],
  'an unknown pooling flag': [{ files: pooling({ pooling_mode_median: true }) }, 'pooling_mode_median'],
  'an unknown pooling beside a known one': [
    { files: pooling({ pooling_mode: ['mean', 'median'] }) },
    'median',
  ],
  'a pooling that is no name': [{ files: pooling({ pooling_mode: null }) }, 'pooling null'],
};

const invalid: Record<string, [TinyOptions, string]> = {
  'modules.json that is an object': [{ files: { 'modules.json': {} } }, 'modules.json'],
  'a module without a type': [{ files: { 'modules.json': [{ path: '' }] } }, 'modules.json'],
  'a missing size': [{ configuration: { num_hidden_layers: null } }, 'config.json'],
  'a size that is not whole': [{ configuration: { hidden_size: 1.5 } }, 'config.json'],
  'an epsilon that is a string': [{ configuration: { layer_norm_eps: '1e-12' } }, 'config.json'],
  'a pooling of another size': [
    { files: { '1_Pooling/config.json': { word_embedding_dimension: 99, pooling_mode_mean_tokens: true } } },
    join('1_Pooling', 'config.json'),
  ],
  'no pooling in a list': [{ files: pooling({ pooling_mode: [] }) }, join('1_Pooling', 'config.json')],
  'a flag that is a string': [
    { files: pooling({ pooling_mode_max_tokens: 'false' }) },
    join('1_Pooling', 'config.json'),
  ],
  'a layer for vectors of another size': [
    { files: { ...modules(module('Dense')), ...dense({ in_features: 13 }) } },
    'config.json',
  ],
  'a bias that is a number': [
    { files: { ...modules(module('Dense')), ...dense({ bias: 1 }) } },
    'config.json',
  ],
  'a layer without weights': [
    {
      files: {
        ...modules(module('Dense', '1_Pooling')),
        ...pooling({ in_features: TINY.hidden, out_features: 5 }),
      },
    },
    join('1_Pooling', 'model.safetensors'),
  ],
  'more tokens than positions': [
    { files: { 'sentence_bert_config.json': { max_seq_length: 25 } } },
    'sentence_bert_config.json',
  ],
  'a prompt that is a number': [
    { files: { 'config_sentence_transformers.json': { prompts: { query: 1 } } } },
    'config_sentence_transformers.json',
  ],
};

describe('reading a model folder', () => {
  test.each(Object.entries(unsupported))('refuses %s by name', async (_, [tiny, named]) => {
    await writeTinyModel(path, tiny);
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining(named),
    });
  });

  test.each(Object.entries(invalid))('refuses %s, naming the file', async (_, [tiny, file]) => {
    await writeTinyModel(path, tiny);
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      file: join(path, file),
    });
  });

  test.each(['modules.json', 'config.json', '1_Pooling/config.json', 'tokenizer.json', 'model.safetensors'])(
    'refuses a folder without %s, naming it',
    async (file) => {
      await writeTinyModel(path);
      await rm(join(path, file));
      await expect(readModelFolder(path)).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        file: join(path, file),
      });
    },
  );

  test('refuses weights in another format with the name of the format', async () => {
    await writeTinyModel(path, { files: { 'pytorch_model.bin': {} } });
    await rm(join(path, 'model.safetensors'));
    await expect(readModelFolder(path)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      file: join(path, 'pytorch_model.bin'),
    });
  });

  test('reads the module names and limits that newer versions write', async () => {
    await writeTinyModel(path, {
      files: {
        'modules.json': [
          { path: '', type: 'sentence_transformers.base.modules.transformer.Transformer' },
          { path: '1_Pooling', type: 'sentence_transformers.sentence_transformer.modules.pooling.Pooling' },
          { path: '2_Normalize', type: 'sentence_transformers.base.modules.normalize.Normalize' },
        ],
        'sentence_bert_config.json': {
          transformer_task: 'feature-extraction',
          module_output_name: 'token_embeddings',
        },
        'tokenizer_config.json': { model_max_length: 20 },
      },
    });
    expect(await readModelFolder(path)).toMatchObject({
      maxTokens: 20,
      normalize: true,
      pooling: { modes: ['mean'], includePrompt: true },
    });
  });

  test.each([
    ["BERT's", bert(true)],
    ['lower case alone', { type: 'Lowercase' }],
    ['a sequence', { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] }],
    [
      'a sequence in another',
      { type: 'Sequence', normalizers: [{ type: 'Sequence', normalizers: [bert(true)] }] },
    ],
  ])('accepts do_lower_case if the tokenizer lower-cases by %s', async (_, normalizer) => {
    await writeTinyModel(path, { files: lowerCase(normalizer) });
    expect((await readModelFolder(path)).maxTokens).toBe(16);
  });

  test('uses the mean for a folder that names no pooling, as sentence-transformers does', async () => {
    await writeTinyModel(path, { files: pooling({ pooling_mode_cls_token: false }) });
    expect((await readModelFolder(path)).pooling).toEqual({ modes: ['mean'], includePrompt: true });
  });

  test('prefers pooling_mode to flags, and puts flags in the order of joining', async () => {
    const flags = {
      pooling_mode_lasttoken: true,
      pooling_mode_max_tokens: true,
      pooling_mode_cls_token: true,
    };
    await writeTinyModel(path, { files: pooling(flags) });
    expect((await readModelFolder(path)).pooling.modes).toEqual(['cls', 'max', 'lasttoken']);
    await writeTinyModel(path, { files: pooling({ ...flags, pooling_mode: ['mean', 'cls'] }) });
    expect((await readModelFolder(path)).pooling.modes).toEqual(['mean', 'cls']);
  });

  test('separates the layers from the normalisation after them', async () => {
    const layer = {
      kind: 'dense',
      inputs: TINY.hidden,
      outputs: 5,
      bias: true,
      activation: 'Tanh',
      residual: false,
      weightsFile: join(path, 'model.safetensors'),
    };
    const normalize = module('Normalize', '2_Normalize');
    const files = { ...modules(normalize, module('Dense'), normalize), ...dense({}) };
    await writeTinyModel(path, { files });
    expect(await readModelFolder(path)).toMatchObject({
      layers: [{ kind: 'normalize' }, layer],
      normalize: true,
      dimensions: 5,
    });
    await writeTinyModel(path, { files: { ...files, ...modules(module('Dense')) } });
    expect(await readModelFolder(path)).toMatchObject({ layers: [layer], normalize: false, dimensions: 5 });
  });

  test('limits a tokenizer without a limit of its own to the number of positions', async () => {
    await writeTinyModel(path, {
      files: { 'sentence_bert_config.json': {}, 'tokenizer_config.json': { model_max_length: 1e30 } },
    });
    expect((await readModelFolder(path)).maxTokens).toBe(TINY.positions);
  });

  test('uses the prompts that sentence-transformers uses for queries and documents', async () => {
    const prompts = { query: 'q: ', passage: 'p: ', other: 'o: ' };
    await writeTinyModel(path, { files: { 'config_sentence_transformers.json': { prompts } } });
    expect((await readModelFolder(path)).prompts).toEqual({ query: 'q: ', document: 'p: ' });
    await writeTinyModel(path, {
      files: {
        'config_sentence_transformers.json': { prompts: { other: 'o: ' }, default_prompt_name: 'other' },
      },
    });
    expect((await readModelFolder(path)).prompts).toEqual({ query: 'o: ', document: 'o: ' });
  });
});
