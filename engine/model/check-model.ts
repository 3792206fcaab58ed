import { loadTokenizer } from '../tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { modelInvalid } from './model-errors.js';
import type { ModelFolder } from './model-folder.js';
import { checkWeights } from './onnx/convert.js';

/**
 * Refuses what `openEmbedder` would refuse, without reading a weight or starting a session; returns the tokenizer.
 * Errors: MODEL_INVALID and MODEL_UNSUPPORTED of the weights and the tokenizer.
 */
export async function checkModel(model: ModelFolder, dimensions: number): Promise<Tokenizer> {
  await checkWeights(model, dimensions);
  return openTokenizer(model);
}

/** The tokenizer of a model. Errors: MODEL_INVALID where it has tokens that the weights lack, and those of `loadTokenizer`. */
export async function openTokenizer(model: ModelFolder): Promise<Tokenizer> {
  const tokenizer = await loadTokenizer(model.encoderFolder);
  if (tokenizer.vocabularySize > model.encoder.vocabularySize)
    throw modelInvalid(
      model.tokenizerFile,
      `the tokenizer has ${tokenizer.vocabularySize} tokens, the weights only ${model.encoder.vocabularySize}`,
    );
  return tokenizer;
}
