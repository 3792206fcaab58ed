import type { LayerSignature, ModelSignature } from '../../../core/model-signature.js';
import { sha256OfTokenizer } from '../auto-tokenizer/auto-tokenizer.js';
import { sha256OfModelFile, sha256OfWeights } from '../folder/hash-files.js';
import type { Layer } from '../folder/layer-configuration.js';
import type { Encoder } from '../onnx/architecture.js';
import { assertWithin, type SignatureOptions } from '../signature-options.js';
import type { SentenceFolder } from './model-folder.js';

/** The contents of a folder on which a signature depends. */
interface DescribedFolder extends SentenceFolder {
  architectureName: string;
  encoder: Pick<Encoder, 'maxPositions' | 'parameters'>;
  /** A file, or the index of several files. */
  weightsFile: string;
  /** Further files that hold weights. */
  dataFiles?: readonly string[];
}

/**
 * Returns the signature of a folder that has been read. Hashing the weights takes about a second
 * per gigabyte. Errors: USAGE for a limit of tokens or for dimensions that the model does not have;
 * MODEL_INVALID.
 */
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
    tokenizerSha256: await sha256OfTokenizer(model.tokenizer, sha256OfModelFile),
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
