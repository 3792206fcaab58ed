import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The sizes of the tests' own model, which is small enough for hand-written loops. */
export const TINY = {
  hidden: 12,
  heads: 3,
  layers: 2,
  inner: 20,
  positions: 24,
  epsilon: 1e-12,
  words: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...'abcdefghijklmnopqrstuvwxyz'],
} as const;

export type TinyWeights = Map<string, { shape: number[]; data: Float32Array }>;

/** Weights that are the same in every run. */
export function tinyWeights(): TinyWeights {
  const weights: TinyWeights = new Map();
  let state = 7;
  const add = (name: string, shape: number[], centre: number, spread: number) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return centre + spread * (state / 2 ** 30 - 1);
    });
    weights.set(name, { shape, data });
  };
  const { hidden, inner } = TINY;
  const norm = (name: string) => {
    add(`${name}.weight`, [hidden], 1, 0.2);
    add(`${name}.bias`, [hidden], 0, 0.2);
  };
  const dense = (name: string, inputs: number, outputs: number) => {
    add(`${name}.weight`, [outputs, inputs], 0, 0.5);
    add(`${name}.bias`, [outputs], 0, 0.2);
  };
  add('embeddings.word_embeddings.weight', [TINY.words.length, hidden], 0, 1);
  add('embeddings.position_embeddings.weight', [TINY.positions, hidden], 0, 0.5);
  add('embeddings.token_type_embeddings.weight', [2, hidden], 0, 0.5);
  norm('embeddings.LayerNorm');
  for (let layer = 0; layer < TINY.layers; layer++) {
    const prefix = `encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) dense(`${prefix}.attention.self.${part}`, hidden, hidden);
    dense(`${prefix}.attention.output.dense`, hidden, hidden);
    norm(`${prefix}.attention.output.LayerNorm`);
    dense(`${prefix}.intermediate.dense`, hidden, inner);
    dense(`${prefix}.output.dense`, inner, hidden);
    norm(`${prefix}.output.LayerNorm`);
  }
  return weights;
}

/** Returns a safetensors file of tensors that are given as raw bytes. */
export function safetensorsBytes(
  tensors: ReadonlyMap<string, { dtype: string; shape: readonly number[]; bytes: Uint8Array }>,
): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...[...tensors.values()].map(({ bytes }) => bytes)]);
}

export interface TinyOptions {
  weights?: TinyWeights;
  /** Stores the upper half of each number, as bfloat16 weights do. */
  bfloat16?: boolean;
  /** Put before every tensor's name. */
  prefix?: string;
  /** Other values for config.json. */
  configuration?: Record<string, unknown>;
  /** Files to replace: the JSON that each holds, by path. */
  files?: Record<string, unknown>;
}

/** Writes a sentence-transformers folder of a few kilobytes. Its words are single letters. */
export async function writeTinyModel(folder: string, options: TinyOptions = {}): Promise<void> {
  const { weights = tinyWeights(), prefix = '' } = options;
  const files: Record<string, unknown> = {
    'modules.json': ['Transformer', 'Pooling', 'Normalize'].map((name, idx) => ({
      idx,
      name: String(idx),
      path: idx === 0 ? '' : `${idx}_${name}`,
      type: `sentence_transformers.models.${name}`,
    })),
    'config.json': { ...tinyConfiguration(), ...options.configuration },
    '1_Pooling/config.json': { word_embedding_dimension: TINY.hidden, pooling_mode_mean_tokens: true },
    'sentence_bert_config.json': { max_seq_length: 16, do_lower_case: false },
    'tokenizer.json': tinyTokenizer(),
    'tokenizer_config.json': { tokenizer_class: 'TokenizersBackend' },
    ...options.files,
  };
  await mkdir(join(folder, '1_Pooling'), { recursive: true });
  for (const [path, value] of Object.entries(files))
    await writeFile(join(folder, path), JSON.stringify(value));
  const tensors = new Map(
    [...weights].map(([name, { shape, data }]) => {
      const stored = options.bfloat16 ? upperHalves(data) : data;
      const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
      return [`${prefix}${name}`, { dtype: options.bfloat16 ? 'BF16' : 'F32', shape, bytes }];
    }),
  );
  await writeFile(join(folder, 'model.safetensors'), safetensorsBytes(tensors));
}

/** Returns the content of config.json. */
export function tinyConfiguration(): Record<string, unknown> {
  return {
    model_type: 'bert',
    hidden_act: 'gelu',
    hidden_size: TINY.hidden,
    intermediate_size: TINY.inner,
    num_attention_heads: TINY.heads,
    num_hidden_layers: TINY.layers,
    vocab_size: TINY.words.length,
    max_position_embeddings: TINY.positions,
    type_vocab_size: 2,
    layer_norm_eps: TINY.epsilon,
  };
}

function upperHalves(data: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(data.slice().buffer), (bits) => bits >>> 16);
}

/** Returns the token ids that the tiny tokenizer gives for a text, special tokens included. */
export function tinyTokenIds(text: string, maxTokens: number): number[] {
  const words: readonly string[] = TINY.words;
  const ids = text.split(' ').flatMap((word) => (word === '' ? [] : [words.indexOf(word)]));
  return [2, ...ids.slice(0, maxTokens - 2), 3];
}

/** Returns the content of tokenizer.json. */
export function tinyTokenizer(): Record<string, unknown> {
  const special = TINY.words.slice(0, 4).map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const template = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [template('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, template('[SEP]')],
      pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(TINY.words.map((word, id) => [word, id])),
      unk_token: '[UNK]',
    },
  };
}

/** Returns the bytes of a safetensors file with a prefix before the name of every tensor. */
export function withPrefix(stored: Buffer, prefix: string): Buffer {
  const headerEnd = 8 + Number(stored.readBigUInt64LE(0));
  const header = JSON.parse(stored.toString('utf8', 8, headerEnd)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return safetensorsBytes(
    new Map(
      tensors
        .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0])
        .map(
          ([
            name,
            {
              dtype,
              shape,
              data_offsets: [start, end],
            },
          ]) => [prefix + name, { dtype, shape, bytes: stored.subarray(headerEnd + start, headerEnd + end) }],
        ),
    ),
  );
}
