import { VectormillError } from '../../../core/errors.js';
import { loadTokenizer } from '../../tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { type Configuration, readConfiguration } from '../folder/configuration.js';
import { readTokenIds } from '../static/vocabulary.js';
import { type ModelFolder, readModelFolder } from '../transformer/model-folder.js';
import { ensureModelGraph } from '../transformer/model-graph.js';
import { openOnnxEmbedder } from '../transformer/onnx-embedder.js';
import { signatureOf } from '../transformer/signature.js';
import { principalComponents } from './principal-components.js';
import { zipfWeights } from './zipf-weights.js';

/** The number of dimensions of a distilled vector, if the model has as many. */
const DEFAULT_DIMENSIONS = 256;
/** BERT's vocabulary has unused places, which occur in no text. */
const UNUSED = /^\[unused\d+\]$/;

export interface DistillOptions {
  /**
   * The number of dimensions of a vector; by default 256, or as many as the model has if it has
   * fewer.
   */
  dimensions?: number | undefined;
  /** The number of sessions that run side by side, each on one core. */
  sessions?: number;
  onProgress?: (step: 'embedded' | 'reduced', done: number, total: number) => void;
  signal?: AbortSignal;
}

/** A static model in memory. */
export interface DistilledModel {
  /** Row-major `[ids, dimensions]`, with zeros for special and unused tokens. */
  embeddings: Float32Array;
  dimensions: number;
  /** The number of tokens that went through the model. */
  tokens: number;
  tokenizer: Configuration;
  model: ModelFolder;
}

/**
 * Makes a static model of a transformer, in the same way as model2vec
 * (https://github.com/MinishLab/model2vec). Every token of the vocabulary goes through the model as
 * a text of its own, with the model's special tokens, pooling and layers, and is not normalised.
 * The vectors are reduced to their principal components and weighted by rank in the vocabulary,
 * which lists frequent tokens first. Errors: those of the model; USAGE for more dimensions than it
 * has.
 */
export async function distillModel(folder: string, options: DistillOptions = {}): Promise<DistilledModel> {
  const { onProgress = () => undefined, signal } = options;
  // The length of a token's vector says how much the token means, so that the final normalisation
  // is left out.
  const model = { ...(await readModelFolder(folder)), normalize: false };
  const dimensions = options.dimensions ?? Math.min(DEFAULT_DIMENSIONS, model.dimensions);
  if (dimensions > model.dimensions) throw tooManyDimensions(dimensions, model);
  const { file, values } = model.tokenizer;
  const tokenizer = values === undefined ? await readConfiguration(file) : { file, values };
  const ids = textTokens(tokenizer);
  const signature = await signatureOf(model, {});
  const embedder = await openOnnxEmbedder(
    {
      signature,
      tokenizer: await vocabularyTokenizer(await loadTokenizer(model.tokenizer)),
      graphFile: await ensureModelGraph(model, signature),
      includePrompt: true,
    },
    options.sessions === undefined ? {} : { sessions: options.sessions },
  );
  let done = 0;
  const { vectors } = await embedder
    .embed(ids.map(String), {
      ...(signal ? { signal } : {}),
      onProgress: ({ rows }) => {
        done += rows;
        onProgress('embedded', done, ids.length);
      },
    })
    .finally(() => embedder.close());
  const reduced = await principalComponents(vectors, model.dimensions, dimensions, (rows) =>
    onProgress('reduced', rows, ids.length),
  );
  const weights = zipfWeights(ids.length);
  const embeddings = new Float32Array((highest(readTokenIds(tokenizer).values()) + 1) * dimensions);
  for (const [rank, id] of ids.entries())
    for (let i = 0; i < dimensions; i++)
      embeddings[id * dimensions + i] = weights[rank]! * reduced[rank * dimensions + i]!;
  return { embeddings, dimensions, tokens: ids.length, tokenizer, model };
}

/** Returns the ids of tokens that stand for text, ascending. */
function textTokens(tokenizer: Configuration): number[] {
  const added = (tokenizer.values.added_tokens ?? []) as readonly { id: number; special: boolean }[];
  const special = new Set(added.filter((token) => token.special).map(({ id }) => id));
  return [...readTokenIds(tokenizer)]
    .filter(([token, id]) => !special.has(id) && !UNUSED.test(token))
    .map(([, id]) => id)
    .sort((a, b) => a - b);
}

function highest(numbers: Iterable<number>): number {
  let found = 0;
  for (const number of numbers) found = Math.max(found, number);
  return found;
}

function tooManyDimensions(dimensions: number, { name, dimensions: most }: ModelFolder): VectormillError {
  return new VectormillError('USAGE', `${name} has ${most} dimensions, fewer than ${dimensions}`, {
    component: 'model',
    remedy: `Give a whole number of dimensions from 1 to ${most}.`,
  });
}

/**
 * Returns a tokenizer for texts that are token ids in decimal. It exists because no text consists
 * of a token such as `##ing` alone. Each text becomes that one token between the special tokens of
 * `tokenizer`'s template.
 */
async function vocabularyTokenizer(tokenizer: Tokenizer): Promise<Tokenizer> {
  const [probe] = await tokenizer.encode(['a'], tokenizer.specialTokens + 1);
  const ids = [...probe!.ids];
  const first = ids.findIndex((id) => !tokenizer.isSpecial(id));
  const before = ids.slice(0, Math.max(0, first));
  const after = ids.slice(ids.length - (tokenizer.specialTokens - before.length));
  return {
    specialTokens: tokenizer.specialTokens,
    vocabularySize: tokenizer.vocabularySize,
    isSpecial: (id) => tokenizer.isSpecial(id),
    encode: async (texts) =>
      texts.map((text) => ({ ids: Uint32Array.of(...before, Number(text), ...after), truncated: false })),
    spans: async (texts) =>
      texts.map(({ length }) => ({ starts: Uint32Array.of(0), ends: Uint32Array.of(length) })),
  };
}
