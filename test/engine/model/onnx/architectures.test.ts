import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Embedder } from '../../../../engine/model/embedder.js';
import { openEmbedder } from '../../../../engine/model/find/find-model.js';
import { architectureOf } from '../../../../engine/model/onnx/architectures/architecture-of.js';
import { InferenceSession, Tensor } from '../../../../engine/model/session/onnx-runtime.js';
import { convertModel } from '../../../../engine/model/transformer/transformer-model.js';
import { ARCHITECTURES, expectedOf, readValues } from '../architectures.js';
import { largestDifference } from '../reference.js';
import { useTemporaryFolder } from '../temporary-folder.js';
import { withPrefix } from '../tiny-model.js';

/** A token budget so large that all texts of a test are one batch, padded to the longest. */
const ONE_BATCH = { tokenBudget: 1e6, paddingBudget: 1e6 };

const folder = useTemporaryFolder();
const names = (await readdir(ARCHITECTURES)).sort();

describe.each(names)('%s', async (name) => {
  const { texts, cases } = await expectedOf(name);
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = await openEmbedder({ source: join(ARCHITECTURES, name), sessions: 1, batching: ONE_BATCH });
  });
  afterAll(() => embedder?.close());

  test.each(cases)('gives the vectors of sentence-transformers, $name', async ({ prompt, vectors }) => {
    const options = prompt === '' ? {} : { prompt: { text: prompt } };
    const actual = await embedder.embed(texts, options);
    expect(largestDifference(actual.vectors, vectors)).toBeLessThan(1e-4);
  });

  test('gives a text the same vector alone as beside longer ones', async () => {
    const together = await embedder.embed(texts);
    const { dimensions } = embedder.signature;
    expect(together.paddingTokens).toBeGreaterThan(0);
    for (const [row, text] of texts.entries()) {
      const alone = await embedder.embed([text]);
      const beside = together.vectors.subarray(row * dimensions, (row + 1) * dimensions);
      expect(largestDifference(alone.vectors, beside)).toBeLessThan(1e-5);
    }
  });
});

/** Configurations that other versions write for the same model. */
const equivalent: Record<string, [string, Record<string, unknown>]> = {
  'ModernBERT as transformers 4 wrote it': [
    'modernbert',
    {
      layer_types: undefined,
      rope_parameters: undefined,
      global_attn_every_n_layers: 3,
      global_rope_theta: 50_000,
      local_rope_theta: 300,
    },
  ],
  'ModernBERT with half a window': ['modernbert', { local_attention: undefined, sliding_window: 4 }],
  'Qwen2 as transformers 4 wrote it': [
    'qwen2',
    { layer_types: undefined, rope_parameters: undefined, rope_theta: 1_000_000, rope_scaling: null },
  ],
  'Qwen2 with rotary parameters for each kind of layer': [
    'qwen2',
    { rope_parameters: { full_attention: { rope_type: 'default', rope_theta: 1_000_000 } } },
  ],
  'Qwen3 with a window that is switched off': [
    'qwen3',
    { use_sliding_window: false, sliding_window: 4, max_window_layers: 1 },
  ],
  'RoBERTa without a padding token of its own': ['roberta', { pad_token_id: undefined }],
};

describe('a configuration of another version', () => {
  test.each(Object.entries(equivalent))('gives the same vectors: %s', async (title, [name, changes]) => {
    const path = join(folder.path, title);
    await cp(join(ARCHITECTURES, name), path, { recursive: true });
    const values = await readValues(join(path, 'config.json'));
    await writeFile(join(path, 'config.json'), JSON.stringify({ ...values, ...changes }));
    const { texts, cases } = await expectedOf(name);
    const embedder = await openEmbedder({ source: path, sessions: 1 });
    try {
      const { vectors } = await embedder.embed(texts);
      expect(largestDifference(vectors, cases[0]!.vectors)).toBeLessThan(1e-4);
    } finally {
      await embedder.close();
    }
  });
});

describe('the graph of', () => {
  test.each(['roberta', 'mpnet', 'modernbert', 'qwen2', 'qwen3', 'qwen3-biases'])(
    '%s gives the same vectors whichever side the padding is on',
    async (name) => {
      const file = join(folder.path, `${name}.onnx`);
      await convertModel(join(ARCHITECTURES, name), {}, file);
      const session = await InferenceSession.create(file);
      const rows = [[0, 5, 9, 12, 4, 2], [0, 7, 2], Array.from({ length: 20 }, (_, index) => 4 + index)];
      const pad = (row: number[], side: 'left' | 'right', filling: number) => {
        const padding = new Array<number>(20 - row.length).fill(filling);
        return side === 'left' ? [...padding, ...row] : [...row, ...padding];
      };
      const run = async (side: 'left' | 'right') => {
        const tensor = (values: number[][]) =>
          new Tensor('int64', BigInt64Array.from(values.flat(), BigInt), [rows.length, 20]);
        const outputs = await session.run({
          // Padding has the id of an ordinary token, so that only the mask shows what padding is.
          input_ids: tensor(rows.map((row) => pad(row, side, 11))),
          attention_mask: tensor(
            rows.map((row) =>
              pad(
                row.map(() => 1),
                side,
                0,
              ),
            ),
          ),
        });
        return outputs.sentence_embedding!.data as Float32Array;
      };
      expect(largestDifference(await run('left'), await run('right'))).toBeLessThan(1e-5);
      await session.release();
    },
  );
});

/** The prefixes that the task models of each family put before the names of its tensors. */
const prefixes: [string, string][] = [
  ['xlm-roberta', 'roberta.'],
  ['camembert', 'roberta.'],
  ['distilbert', 'distilbert.'],
  ['mpnet', 'mpnet.'],
  ['modernbert-biases', 'model.'],
  ['qwen3', 'model.'],
];

describe('weights that a task model saved', () => {
  test.each(prefixes)('make the same graph: %s with %s before each name', async (name, prefix) => {
    const path = join(folder.path, `${name}-prefixed`);
    await cp(join(ARCHITECTURES, name), path, { recursive: true });
    const stored = await readFile(join(path, 'model.safetensors'));
    await writeFile(join(path, 'model.safetensors'), withPrefix(stored, prefix));
    const [plain, prefixed] = [join(path, 'plain.onnx'), join(path, 'prefixed.onnx')];
    await convertModel(join(ARCHITECTURES, name), {}, plain);
    await convertModel(path, {}, prefixed);
    expect((await readFile(prefixed)).equals(await readFile(plain))).toBe(true);
  });
});

/** The folder, the change in its configuration, and what the error names. */
const unsupported: [string, Record<string, unknown>, string][] = [
  ['roberta', { is_decoder: true }, 'is_decoder'],
  ['roberta', { add_cross_attention: true }, 'add_cross_attention'],
  ['roberta', { position_embedding_type: 'relative_key_query' }, 'relative_key_query'],
  ['xlm-roberta', { hidden_act: 'xielu' }, 'xielu'],
  ['xlm-roberta', { num_attention_heads: 3 }, '3 heads'],
  ['camembert', { auto_map: { AutoModel: 'modeling_own.OwnModel' } }, 'auto_map'],
  ['distilbert', { activation: 'prelu' }, 'prelu'],
  ['mpnet', { relative_attention_num_buckets: 64 }, 'relative_attention_num_buckets 64'],
  ['modernbert', { hidden_activation: 'toString' }, 'toString'],
  ['modernbert', { head_dim: 8 }, 'head_dim 8'],
  ['modernbert', { sliding_window: 7 }, 'sliding_window 7'],
  ['modernbert', { rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'rope_scaling of the type "yarn"'],
  [
    'modernbert',
    { rope_parameters: { sliding_attention: { rope_type: 'linear' } } },
    'sliding_attention of the type "linear"',
  ],
  ['modernbert', { rope_parameters: { rope_theta: 10_000 } }, 'rope_parameters'],
  ['modernbert', { layer_types: new Array(5).fill('chunked_attention') }, 'chunked_attention'],
  ['qwen2', { use_sliding_window: true }, 'use_sliding_window'],
  ['qwen2', { layer_types: new Array(3).fill('sliding_attention') }, 'sliding_attention'],
  ['qwen2', { rope_scaling: { type: 'yarn', factor: 4 } }, 'rope_scaling of the type "yarn"'],
  ['qwen2', { rope_parameters: { rope_type: 'dynamic' } }, 'rope_parameters of the type "dynamic"'],
  ['qwen2', { partial_rotary_factor: 0.5 }, 'partial_rotary_factor 0.5'],
  ['qwen2', { is_causal: false }, 'is_causal'],
  ['qwen3', { use_bidirectional_attention: true }, 'use_bidirectional_attention'],
  ['qwen3', { head_dim: 5 }, 'heads of 5'],
  ['qwen3', { quantization_config: { quant_method: 'gptq' } }, 'quantization_config'],
];

const invalid: [string, Record<string, unknown>, string][] = [
  ['roberta', { pad_token_id: null }, 'pad_token_id'],
  ['roberta', { max_position_embeddings: 2 }, 'max_position_embeddings'],
  ['modernbert', { layer_types: ['full_attention'] }, 'layer_types'],
  ['modernbert', { local_attention: 'wide' }, 'local_attention'],
  ['modernbert', { norm_bias: 'no' }, 'norm_bias'],
  ['qwen2', { num_key_value_heads: 3 }, '3 key-value heads'],
  ['qwen2', { rope_parameters: { rope_theta: 'large' } }, 'rope_theta'],
  ['qwen3', { rope_parameters: [] }, 'rope_parameters'],
  ['qwen3', { num_hidden_layers: 2 }, 'layer_types'],
];

describe('a configuration', () => {
  const describeWith = async (name: string, changes: object) => {
    const file = join(ARCHITECTURES, name, 'config.json');
    const configuration = { file, values: { ...(await readValues(file)), ...changes } };
    return architectureOf(configuration).architecture.describe(configuration);
  };

  test.each(unsupported)('of %s with %j is refused by name', async (name, changes, named) => {
    await expect(describeWith(name, changes)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining(named),
      file: expect.stringContaining('config.json'),
    });
  });

  test.each(invalid)('of %s with %j is refused as damaged', async (name, changes, named) => {
    await expect(describeWith(name, changes)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(named),
    });
  });
});

describe('token limits', () => {
  test('leave out the positions that RoBERTa reserves for padding', async () => {
    const path = join(folder.path, 'limits');
    await cp(join(ARCHITECTURES, 'roberta'), path, { recursive: true });
    const limitOf = async (limit: number) => {
      await writeFile(join(path, 'sentence_bert_config.json'), JSON.stringify({ max_seq_length: limit }));
      const embedder = await openEmbedder({ source: path, sessions: 1 });
      await embedder.close();
      return embedder.signature.maxTokens;
    };
    expect(await limitOf(32)).toBe(32);
    // There are 66 positions. Some folders name them all, although only 64 are left for tokens.
    expect(await limitOf(66)).toBe(64);
    await expect(limitOf(67)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});

test('a text without a token gets the same vector alone as beside others', async () => {
  const path = join(folder.path, 'no-end');
  await cp(join(ARCHITECTURES, 'qwen2'), path, { recursive: true });
  const values = await readValues(join(path, 'tokenizer.json'));
  await writeFile(join(path, 'tokenizer.json'), JSON.stringify({ ...values, post_processor: null }));
  const embedder = await openEmbedder({ source: path, sessions: 1, batching: ONE_BATCH });
  try {
    const alone = await embedder.embed(['']);
    const beside = await embedder.embed(['a b', '']);
    expect(largestDifference(alone.vectors, new Float32Array(16))).toBe(0);
    expect(largestDifference(alone.vectors, beside.vectors.subarray(16))).toBe(0);
  } finally {
    await embedder.close();
  }
});
