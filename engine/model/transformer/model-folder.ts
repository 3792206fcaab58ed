import { basename, join, resolve } from 'node:path';
import type { ModelSignature } from '../../../core/model-signature.js';
import { type AutoTokenizer, readAutoTokenizer } from '../auto-tokenizer/auto-tokenizer.js';
import { assertPadding } from '../auto-tokenizer/padding.js';
import { tokenizerLimit } from '../auto-tokenizer/settings.js';
import { type Configuration, readConfiguration, readOptionalConfiguration } from '../folder/configuration.js';
import { type Layer, readDense, readNormalize } from '../folder/layer-configuration.js';
import { assertKind } from '../folder/model-kind.js';
import { type Modules, readModules } from '../folder/modules.js';
import { type PoolingConfiguration, readPooling } from '../folder/pooling-configuration.js';
import { readSentenceConfiguration, type SentenceConfiguration } from '../folder/sentence-configuration.js';
import { readPrompts, readSimilarity, refuseTruncation } from '../folder/sentence-settings.js';
import { findWeights } from '../folder/weights-file.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import type { Architecture, Encoder } from '../onnx/architecture.js';
import { architectureOf } from '../onnx/architectures/architecture-of.js';

/** The contents of a sentence-transformers folder around its encoder. */
export interface SentenceFolder {
  /** The folder's own name. */
  name: string;
  /** The folder that holds the encoder, its configuration and the tokenizer. */
  encoderFolder: string;
  tokenizer: AutoTokenizer;
  pooling: PoolingConfiguration;
  /** The layers between pooling and the final normalisation. */
  layers: readonly Layer[];
  normalize: boolean;
  /** The number of values in a vector. */
  dimensions: number;
  /** The folder's own limit of a row's tokens, special tokens included. */
  maxTokens: number;
  prompts: { query: string; document: string };
  similarity: Pick<ModelSignature, 'similarity'>;
}

/** The contents of a sentence-transformers folder with safetensors weights. */
export interface ModelFolder extends SentenceFolder {
  weightsFile: string;
  architectureName: string;
  architecture: Architecture;
  encoder: Encoder;
}

/**
 * Reads a folder that sentence-transformers, version 2 to 6, wrote
 * (https://sbert.net/docs/sentence_transformer/usage/custom_models.html). Nothing is guessed about
 * unknown pieces. Errors: MODEL_INVALID naming the missing or damaged file, MODEL_UNSUPPORTED
 * naming what is not supported.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const root = resolve(folder);
  await assertKind(root, 'embedder');
  const modules = await readModules(join(root, 'modules.json'));
  const configuration = await readConfiguration(join(root, modules.transformer, 'config.json'));
  const { name: architectureName, architecture } = architectureOf(configuration);
  const encoder = architecture.describe(configuration);
  const sentence = await readSentenceFolder(root, modules, configuration, encoder);
  const weightsFile = await findWeights(sentence.encoderFolder);
  return { ...sentence, weightsFile, architectureName, architecture, encoder };
}

/**
 * Does the same as `readModelFolder` for any encoder of these sizes. `configuration` is its
 * config.json. Errors: those of `readModelFolder`.
 */
export async function readSentenceFolder(
  root: string,
  modules: Modules,
  configuration: Configuration,
  encoder: EncoderSizes,
): Promise<SentenceFolder> {
  const encoderFolder = join(root, modules.transformer);
  const poolingFile = join(root, modules.pooling, 'config.json');
  const pooling = readPooling(await readConfiguration(poolingFile), encoder.hiddenSize);
  const settings = await readOptionalConfiguration(join(root, 'config_sentence_transformers.json'));
  refuseTruncation(settings);
  const sentence = await readSentenceConfiguration(encoderFolder, 'last_hidden_state');
  const { lowerCase } = sentence;
  const tokenizer = await readAutoTokenizer(encoderFolder, { model: configuration, lowerCase });
  assertPadding(tokenizer, configuration);
  return {
    name: basename(root),
    encoderFolder,
    tokenizer,
    pooling,
    ...(await readLayers(root, modules.layers, encoder.hiddenSize * pooling.modes.length)),
    maxTokens: maxTokensOf(sentence, tokenizer, encoder),
    prompts: readPrompts(settings),
    similarity: readSimilarity(settings),
  };
}

/** The sizes of an encoder that the pieces around it must match. */
type EncoderSizes = Pick<Encoder, 'hiddenSize' | 'maxPositions' | 'reservedPositions'>;

/**
 * Reads the layers. A final `Normalize` module, which only says that vectors get length 1, is not
 * one of them.
 */
async function readLayers(
  root: string,
  modules: Modules['layers'],
  pooled: number,
): Promise<{ layers: readonly Layer[]; normalize: boolean; dimensions: number }> {
  const layers: Layer[] = [];
  let dimensions = pooled;
  for (const { name, path } of modules) {
    const folder = join(root, path);
    const layer = name === 'Dense' ? await readDense(folder, dimensions) : await readNormalize(folder);
    layers.push(layer);
    if (layer.kind === 'dense') dimensions = layer.outputs;
  }
  const normalize = layers.at(-1)?.kind === 'normalize';
  return { layers: normalize ? layers.slice(0, -1) : layers, normalize, dimensions };
}

/**
 * Returns the limit of tokens, as sentence-transformers sets it: the folder's own limit, else the
 * tokenizer's, but never more than there are positions.
 */
function maxTokensOf(
  { file, task, maxTokens: limit }: SentenceConfiguration,
  { configuration }: AutoTokenizer,
  { maxPositions: positions, reservedPositions = 0 }: EncoderSizes,
): number {
  if (task !== undefined && task !== 'feature-extraction')
    throw modelUnsupported(file, `the transformer_task ${JSON.stringify(task)} is not supported`);
  if (limit === undefined) return Math.min(tokenizerLimit(configuration), positions);
  if (limit > positions + reservedPositions)
    throw modelInvalid(file, `max_seq_length ${limit} exceeds the model's ${positions} positions`);
  return Math.min(limit, positions);
}
