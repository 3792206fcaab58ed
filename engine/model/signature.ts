import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '../../core/canonical-json.js';
import type { CrossEncoderSignature } from '../../core/cross-encoder-signature.js';
import { VectormillError } from '../../core/errors.js';
import type { LayerSignature, ModelSignature } from '../../core/model-signature.js';
import { sha256 } from '../hash.js';
import { sha256OfTokenizer } from './auto-tokenizer/auto-tokenizer.js';
import type { Layer } from './layer-configuration.js';
import type { ModelSettings } from './model.js';
import { modelInvalid } from './model-errors.js';
import { readModelFolder, type SentenceFolder } from './model-folder.js';
import type { Encoder } from './onnx/architecture.js';
import { weightsFiles } from './sharded-weights.js';

export interface SignatureOptions extends Pick<ModelSettings, 'precision' | 'ranges'> {
  /** Tokens a row may have, special tokens included; by default the folder's own limit. */
  maxTokens?: number | undefined;
  /** How many of a vector's first numbers to keep, as models trained for it allow; by default all. */
  dimensions?: number | undefined;
  /** Put before each text instead of the folder's own prompts. */
  prompts?: { query?: string | undefined; document?: string | undefined } | undefined;
}

/**
 * The signature of the model in a sentence-transformers folder. Hashes the weights: about a second per gigabyte.
 * Errors: those of `readModelFolder`; USAGE for a token limit or dimensions that the model does not have.
 */
export async function readSignature(folder: string, options: SignatureOptions = {}): Promise<ModelSignature> {
  return signatureOf(await readModelFolder(folder), options);
}

/** What a signature needs to know of a folder. */
interface DescribedFolder extends SentenceFolder {
  architectureName: string;
  encoder: Pick<Encoder, 'maxPositions' | 'parameters'>;
  /** A file, or the index of several. */
  weightsFile: string;
  /** Further files that the weights lie in. */
  dataFiles?: readonly string[];
}

/** The same for a folder that has been read. */
export async function signatureOf(
  model: DescribedFolder,
  options: SignatureOptions,
): Promise<ModelSignature> {
  const maxTokens = options.maxTokens ?? model.maxTokens;
  const dimensions = options.dimensions ?? model.dimensions;
  assertWithin(maxTokens, model.encoder.maxPositions, 'tokens', model.name);
  assertWithin(dimensions, model.dimensions, 'dimensions', model.name);
  const layers = await Promise.all(model.layers.map(layerSignature));
  return {
    name: model.name,
    architecture: model.architectureName,
    parameters: model.encoder.parameters,
    weightsSha256: await sha256OfWeights(model.weightsFile, model.dataFiles),
    tokenizerSha256: await sha256OfTokenizer(model.tokenizer, sha256OfFile),
    pooling: model.pooling.modes,
    ...(model.pooling.includePrompt ? {} : { includePrompt: false }),
    ...(layers.length === 0 ? {} : { layers }),
    normalize: model.normalize,
    maxTokens,
    dimensions,
    precision: options.precision ?? 'float32',
    ...(options.ranges ? { ranges: options.ranges } : {}),
    prompts: {
      query: options.prompts?.query ?? model.prompts.query,
      document: options.prompts?.document ?? model.prompts.document,
    },
    ...model.similarity,
  };
}

async function layerSignature(layer: Layer): Promise<LayerSignature> {
  if (layer.kind === 'normalize') return layer;
  const { weightsFile, ...signature } = layer;
  return { ...signature, weightsSha256: await sha256OfWeights(weightsFile) };
}

/** Whether what is asked of the model `name` is a whole number from 1 to `most`. Errors: USAGE. */
export function assertWithin(value: number, most: number, unit: string, name: string): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new VectormillError('USAGE', `a limit of ${value} ${unit} does not suit ${name}`, {
    component: 'model',
    remedy: `Give a whole number of ${unit} from 1 to ${most}.`,
  });
}

/** sha256, hex, of the canonical JSON of what a signature says of vectors or scores: all but its display name and similarity. */
export function fingerprintOf(signature: ModelSignature | CrossEncoderSignature): string {
  const { name: _, similarity: __, ...space } = { similarity: undefined, ...signature };
  return createHash('sha256').update(canonicalJson(space)).digest('hex');
}

/** That of the one file, or that of the sorted hashes of all files, one a line. Errors: MODEL_INVALID. */
export async function sha256OfWeights(path: string, dataFiles: readonly string[] = []): Promise<string> {
  const hashes: string[] = [];
  for (const file of [...(await weightsFiles(path)), ...dataFiles]) hashes.push(await sha256OfFile(file));
  return hashes.length === 1 ? hashes[0]! : sha256(hashes.sort().join('\n'));
}

/** sha256, hex, of a model's file, read piece by piece. Errors: MODEL_INVALID. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  } catch (error) {
    throw modelInvalid(file, 'the file cannot be read', error);
  }
  return hash.digest('hex');
}
