import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  findCrossEncoder,
  openCrossEncoder,
} from '../../../../engine/model/cross-encoder/find-cross-encoder.js';
import { findModel } from '../../../../engine/model/find/find-model.js';
import { SafetensorsFile } from '../../../../engine/model/folder/safetensors.js';
import { type Changes, CROSS_ENCODERS, copyCrossEncoder } from '../cross-encoders.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { writeTinyModel } from '../tiny-model.js';

const folder = useTemporaryFolder();
let copies = 0;

function copyOf(source: string, changes: Changes = {}): Promise<string> {
  copies += 1;
  return copyCrossEncoder(join(folder.path, `copy-${copies}`), source, changes);
}

/** Returns the error that refuses a folder before its weights are read. */
async function refusal(source: string) {
  const found = findCrossEncoder({ source }).then((model) => model.check());
  return found.then(
    () => expect.fail('the folder is not refused'),
    ({ code, message, file }) => ({ code, message, file }),
  );
}

describe('a folder is refused, naming what sentence-transformers would compute differently:', () => {
  test.each<[string, string, Changes, string, string]>([
    [
      'another class',
      'plain',
      { 'config.json': { architectures: ['RobertaForSequenceClassification'] } },
      'config.json',
      'RobertaForSequenceClassification',
    ],
    [
      'a language model that scores',
      'plain',
      { 'config.json': { architectures: ['Qwen3ForCausalLM'] } },
      'config.json',
      'Qwen3ForCausalLM',
    ],
    [
      'a class that is not of its model type',
      'plain',
      { 'config.json': { model_type: 'electra' } },
      'config.json',
      '"electra"',
    ],
    [
      'an activation of foreign code',
      'plain',
      { 'config.json': { sbert_ce_default_activation_function: 'mine.Swish' } },
      'config.json',
      '"mine.Swish"',
    ],
    [
      'an activation that is not computed',
      'saved',
      { 'config_sentence_transformers.json': { activation_fn: 'torch.nn.Softmax' } },
      'config_sentence_transformers.json',
      '"torch.nn.Softmax"',
    ],
    [
      'a default prompt',
      'saved',
      { 'config_sentence_transformers.json': { default_prompt_name: 'query' } },
      'config_sentence_transformers.json',
      'default prompt',
    ],
    [
      'another task',
      'saved',
      { 'sentence_bert_config.json': { transformer_task: 'text-generation' } },
      'sentence_bert_config.json',
      '"text-generation"',
    ],
    [
      'other arguments for the tokenizer',
      'saved',
      { 'sentence_bert_config.json': { processing_kwargs: { text: { max_length: 4 } } } },
      'sentence_bert_config.json',
      'processing_kwargs',
    ],
    [
      'truncation from the left',
      'saved',
      { 'tokenizer_config.json': { truncation_side: 'left' } },
      'tokenizer_config.json',
      '"left"',
    ],
  ])('%s', async (_, source, changes, file, named) => {
    const path = await copyOf(source, changes);
    const error = await refusal(path);
    expect(error).toMatchObject({ code: 'MODEL_UNSUPPORTED', file: join(path, file) });
    expect(error.message).toContain(named);
  });

  test('a module after the encoder', async () => {
    const path = await copyOf('saved');
    const file = join(path, 'modules.json');
    const modules = JSON.parse(await readFile(file, 'utf8')) as object[];
    const type = 'sentence_transformers.cross_encoder.modules.LogitScore';
    await writeFile(file, JSON.stringify([...modules, { type, path: '1_LogitScore' }]));
    expect(await refusal(path)).toMatchObject({ code: 'MODEL_UNSUPPORTED', file });
  });
});

describe('a damaged folder is refused with the file', () => {
  test.each(['model.safetensors', 'tokenizer.json'])('without %s', async (name) => {
    const path = await copyOf('plain');
    await rm(join(path, name));
    expect(await refusal(path)).toMatchObject({ code: 'MODEL_INVALID', file: join(path, name) });
  });

  test('with weights that are cut short', async () => {
    const path = await copyOf('plain');
    const file = join(path, 'model.safetensors');
    await writeFile(file, (await readFile(file)).subarray(0, -4));
    expect(await refusal(path)).toMatchObject({ code: 'MODEL_INVALID', file });
  });

  test('with labels that the classifier does not have', async () => {
    const path = await copyOf('plain', { 'config.json': { id2label: { 0: 'no', 1: 'yes' } } });
    const error = await refusal(path);
    expect(error).toMatchObject({ code: 'MODEL_INVALID', file: join(path, 'model.safetensors') });
    expect(error.message).toContain('classifier.weight');
  });

  test('with weights of an encoder alone', async () => {
    const path = await copyOf('plain');
    await writeTinyModel(path, {
      prefix: 'bert.',
      configuration: { architectures: ['BertForSequenceClassification'] },
    });
    await rm(join(path, 'modules.json'));
    expect((await refusal(path)).message).toContain('pooler.dense.weight');
  });

  test('with a tokenizer of more token types than the weights', async () => {
    const names = ['input_ids', 'token_type_ids', 'attention_mask'];
    const asItIs = { tokenizer_class: 'TokenizersBackend', model_input_names: names };
    const path = await copyOf('saved', { 'tokenizer_config.json': asItIs });
    const file = join(path, 'tokenizer.json');
    const stored = await readFile(file, 'utf8');
    await writeFile(
      file,
      stored.replaceAll('"type_id":1', '"type_id":2').replaceAll('"type_id": 1', '"type_id": 2'),
    );
    expect(await refusal(path)).toMatchObject({ code: 'MODEL_INVALID', file });
  });
});

describe('models of different kinds', () => {
  test('a model that embeds is refused as a cross-encoder, and the other way round, naming the command to use', async () => {
    const embedder = join(folder.path, 'embedder');
    await writeTinyModel(embedder);
    await expect(findCrossEncoder({ source: embedder })).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      remedy: expect.stringContaining('vectormill encode'),
    });
    for (const name of ['saved', 'plain'])
      await expect(findModel({ source: join(CROSS_ENCODERS, name) })).rejects.toMatchObject({
        code: 'MODEL_UNSUPPORTED',
        remedy: expect.stringContaining('vectormill rank'),
      });
  });
});

describe('the fingerprint of a cross-encoder', () => {
  test('changes with what decides the scores, and not with the name of the folder', async () => {
    const source = await copyOf('saved');
    const prints = [
      await findCrossEncoder({ source }),
      await findCrossEncoder({ source, maxTokens: 8 }),
      await findCrossEncoder({ source, activation: 'Identity' }),
      await findCrossEncoder({ source: join(CROSS_ENCODERS, 'plain') }),
    ].map(({ fingerprint }) => fingerprint);
    expect(new Set(prints).size).toBe(4);
    expect((await findCrossEncoder({ source: join(CROSS_ENCODERS, 'saved') })).fingerprint).toBe(prints[0]);
  });

  test('is refused for a limit of tokens that the model does not have', async () => {
    const source = join(CROSS_ENCODERS, 'saved');
    await expect(findCrossEncoder({ source, maxTokens: 17 })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('a NaN score stops the call with an error that names the pair', async () => {
  const path = await copyOf('plain');
  const file = join(path, 'model.safetensors');
  const bytes = await readFile(file);
  const weights = await SafetensorsFile.open(file);
  const { start, shape } = weights.tensors.get('bert.embeddings.word_embeddings.weight')!;
  await weights.close();
  // The last word is z.
  bytes.writeFloatLE(Number.NaN, start + 4 * (shape[0]! - 1) * shape[1]!);
  await writeFile(file, bytes);
  const encoder = await openCrossEncoder({ source: path, sessions: 1 });
  try {
    await expect(
      encoder.score([
        ['a', 'b'],
        ['a', 'z'],
        ['a', 'b c d e f g'],
      ]),
    ).rejects.toMatchObject({
      code: 'VECTOR_INVALID',
      position: 1,
      message: expect.stringContaining('pair 1'),
    });
  } finally {
    await encoder.close();
  }
});
