import type { ModelSignature } from '../../../core/model-signature.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Model } from '../model.js';
import type { SignatureOptions } from '../signature-options.js';
import { calibrate } from './calibrate.js';
import { describeOnnxModel } from './describe-onnx-model.js';
import { type ModelFolder, readModelFolder } from './model-folder.js';
import { checkWeights, ensureModelGraph, graphOptionsOf, writeModelGraph } from './model-graph.js';
import { openTokenizer } from './model-tokenizer.js';
import { signatureOf } from './signature.js';

/**
 * Returns a model from a sentence-transformers folder with safetensors weights. ONNX Runtime
 * computes it from a graph that is written to the cache when the model is first opened. Errors:
 * those of `readModelFolder` and `signatureOf`.
 */
export async function transformerModel(folder: string, options: SignatureOptions): Promise<Model> {
  const model = await readModelFolder(folder);
  const tokenizer = () => openTokenizer(model, model.encoder.vocabularySize);
  const signature = await calibrated(model, await signatureOf(model, options), tokenizer);
  return describeOnnxModel({
    signature,
    location: folder,
    tokenizer,
    check: () => checkWeights(model, signature),
    graphFile: () => ensureModelGraph(model, signature),
    includePrompt: model.pooling.includePrompt,
  });
}

/**
 * Writes the graph of a sentence-transformers folder to a file, or to the cache, where embedding
 * expects it.
 * @returns the graph's path. Errors: those of `transformerModel` and of the weights.
 */
export async function convertModel(
  folder: string,
  options: SignatureOptions,
  outFile?: string,
): Promise<string> {
  const model = await readModelFolder(folder);
  const signature = await calibrated(model, await signatureOf(model, options), () =>
    openTokenizer(model, model.encoder.vocabularySize),
  );
  if (outFile === undefined) return ensureModelGraph(model, signature);
  await writeModelGraph(model, graphOptionsOf(model, signature), outFile);
  return outFile;
}

/** Returns the signature with the ranges that int8 needs. */
async function calibrated(
  model: ModelFolder,
  signature: ModelSignature,
  tokenizer: () => Promise<Tokenizer>,
): Promise<ModelSignature> {
  if (signature.precision !== 'int8' || signature.ranges) return signature;
  const { ranges } = await calibrate(model, signature, await tokenizer());
  return { ...signature, ranges };
}
