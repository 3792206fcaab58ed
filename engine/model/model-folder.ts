import { basename, join, resolve } from 'node:path';
import type { ModelSignature } from '../../core/model-signature.js';
import { fileExists } from '../file-exists.js';
import {
  type Configuration,
  readConfiguration,
  readCount,
  readOptionalConfiguration,
} from './configuration.js';
import { type Layer, readDense, readNormalize } from './layer-configuration.js';
import { modelInvalid, modelUnsupported } from './model-errors.js';
import { assertKind } from './model-kind.js';
import { type Modules, readModules } from './modules.js';
import { type Architecture, architectureOf, type Encoder } from './onnx/architecture.js';
import { type PoolingConfiguration, readPooling } from './pooling-configuration.js';
import { readSimilarity } from './read-similarity.js';
import { findWeights } from './weights-file.js';

/** What a sentence-transformers folder says around its encoder. */
export interface SentenceFolder {
  /** The folder's own name. */
  name: string;
  /** Where the encoder, its configuration and the tokenizer lie. */
  encoderFolder: string;
  tokenizerFile: string;
  pooling: PoolingConfiguration;
  /** Between pooling and the last normalisation. */
  layers: readonly Layer[];
  normalize: boolean;
  /** Numbers a vector has. */
  dimensions: number;
  /** The folder's own limit on a row's tokens, special tokens included. */
  maxTokens: number;
  prompts: { query: string; document: string };
  similarity: Pick<ModelSignature, 'similarity'>;
}

/** What a sentence-transformers folder with safetensors weights says. */
export interface ModelFolder extends SentenceFolder {
  weightsFile: string;
  architectureName: string;
  architecture: Architecture;
  encoder: Encoder;
}

/**
 * Reads the folder that sentence-transformers writes, of version 2 to 6
 * (https://sbert.net/docs/sentence_transformer/usage/custom_models.html). Nothing is guessed for an unknown piece.
 * Errors: MODEL_INVALID naming the missing or damaged file, MODEL_UNSUPPORTED naming what is not supported.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const root = resolve(folder);
  await assertKind(root, 'embedder');
  const modules = await readModules(join(root, 'modules.json'));
  const configuration = await readConfiguration(join(root, modules.transformer, 'config.json'));
  const { name: architectureName, architecture } = architectureOf(configuration);
  const encoder = architecture.describe(configuration);
  const sentence = await readSentenceFolder(root, modules, encoder);
  const weightsFile = await findWeights(sentence.encoderFolder);
  return { ...sentence, weightsFile, architectureName, architecture, encoder };
}

/** The same for any encoder of these sizes. Errors: those of `readModelFolder`. */
export async function readSentenceFolder(
  root: string,
  modules: Modules,
  encoder: EncoderSizes,
): Promise<SentenceFolder> {
  const encoderFolder = join(root, modules.transformer);
  const poolingFile = join(root, modules.pooling, 'config.json');
  const pooling = readPooling(await readConfiguration(poolingFile), encoder.hiddenSize);
  const tokenizerFile = join(encoderFolder, 'tokenizer.json');
  if (!(await fileExists(tokenizerFile)))
    throw modelInvalid(tokenizerFile, 'the model folder lacks tokenizer.json');
  const configuration = await readOptionalConfiguration(join(root, 'config_sentence_transformers.json'));
  return {
    name: basename(root),
    encoderFolder,
    tokenizerFile,
    pooling,
    ...(await readLayers(root, modules.layers, encoder.hiddenSize * pooling.modes.length)),
    maxTokens: await readMaxTokens(encoderFolder, tokenizerFile, encoder),
    prompts: readPrompts(configuration),
    similarity: readSimilarity(configuration),
  };
}

/** What the pieces around an encoder must suit. */
type EncoderSizes = Pick<Encoder, 'hiddenSize' | 'maxPositions' | 'reservedPositions'>;

/** The module that only says that vectors end with length 1 is told apart from the layers before it. */
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

/** As sentence-transformers does: the folder's own limit, else the tokenizer's, but never more than there are positions. */
async function readMaxTokens(
  folder: string,
  tokenizerFile: string,
  { maxPositions: positions, reservedPositions = 0 }: EncoderSizes,
): Promise<number> {
  const module = await readOptionalConfiguration(join(folder, 'sentence_bert_config.json'));
  const { do_lower_case: lowerCase, transformer_task: task, module_output_name: output } = module.values;
  if (lowerCase && !(await lowerCases(tokenizerFile)))
    throw modelUnsupported(module.file, 'do_lower_case with a tokenizer that keeps case is not supported');
  if (task !== undefined && task !== 'feature-extraction')
    throw modelUnsupported(module.file, `the transformer_task ${JSON.stringify(task)} is not supported`);
  if (output !== undefined && output !== 'token_embeddings')
    throw modelUnsupported(module.file, `the module_output_name ${JSON.stringify(output)} is not supported`);
  if (module.values.max_seq_length != null) {
    const limit = readCount(module, 'max_seq_length');
    if (limit > positions + reservedPositions)
      throw modelInvalid(module.file, `max_seq_length ${limit} exceeds the model's ${positions} positions`);
    return Math.min(limit, positions);
  }
  const tokenizer = await readOptionalConfiguration(join(folder, 'tokenizer_config.json'));
  const limit = tokenizer.values.model_max_length;
  return typeof limit === 'number' && limit > 0 ? Math.min(limit, positions) : positions;
}

async function lowerCases(tokenizerFile: string): Promise<boolean> {
  return isLowerCasing((await readConfiguration(tokenizerFile)).values.normalizer);
}

interface Normalizer {
  type?: unknown;
  /** Of BERT's. */
  lowercase?: unknown;
  /** Of a sequence. */
  normalizers?: unknown;
}

function isLowerCasing(normalizer: unknown): boolean {
  const { type, lowercase, normalizers } = (normalizer ?? {}) as Normalizer;
  if (Array.isArray(normalizers)) return normalizers.some(isLowerCasing);
  return type === 'Lowercase' || lowercase === true;
}

/** By the names that sentence-transformers' `encode_query` and `encode_document` look for. */
export function readPrompts({ file, values }: Configuration): { query: string; document: string } {
  const prompts = (values.prompts ?? {}) as Record<string, unknown>;
  for (const [name, prompt] of Object.entries(prompts))
    if (typeof prompt !== 'string') throw modelInvalid(file, `the prompt "${name}" is not a string`);
  const named = (...names: readonly unknown[]) =>
    names
      .map((name) => (typeof name === 'string' ? prompts[name] : undefined))
      .find((prompt) => prompt !== undefined);
  const fallback = values.default_prompt_name;
  return {
    query: (named('query', fallback) as string | undefined) ?? '',
    document: (named('document', 'passage', 'corpus', fallback) as string | undefined) ?? '',
  };
}
