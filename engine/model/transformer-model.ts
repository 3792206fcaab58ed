import { loadTokenizer } from '../tokenizer/hugging-face-tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Model } from './model.js';
import { modelInvalid } from './model-errors.js';
import { type ModelFolder, readModelFolder } from './model-folder.js';
import { checkWeights, ensureGraph } from './onnx/convert.js';
import { openOnnxEmbedder } from './onnx-embedder.js';
import { fingerprintOf, type SignatureOptions, signatureOf } from './signature.js';

/**
 * A sentence-transformers folder with safetensors weights, computed by ONNX Runtime's CPU backend from a graph that is
 * written to the cache when it is first opened. Errors: those of `readModelFolder` and `signatureOf`.
 */
export async function transformerModel(folder: string, options: SignatureOptions): Promise<Model> {
  const model = await readModelFolder(folder);
  const signature = await signatureOf(model, options);
  const tokenizer = () => openTokenizer(model);
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    location: folder,
    tokenizer,
    async check() {
      await checkWeights(model, signature.dimensions);
      await tokenizer();
    },
    open: async (resources) =>
      openOnnxEmbedder(
        {
          signature,
          tokenizer: await tokenizer(),
          graphFile: await ensureGraph(model, signature),
          includePrompt: model.pooling.includePrompt,
        },
        resources,
      ),
  };
}

/** The tokenizer of a model. Errors: MODEL_INVALID where it has tokens that the weights lack, and those of `loadTokenizer`. */
async function openTokenizer(model: ModelFolder): Promise<Tokenizer> {
  const tokenizer = await loadTokenizer(model.encoderFolder);
  if (tokenizer.vocabularySize > model.encoder.vocabularySize)
    throw modelInvalid(
      model.tokenizerFile,
      `the tokenizer has ${tokenizer.vocabularySize} tokens, the weights only ${model.encoder.vocabularySize}`,
    );
  return tokenizer;
}
