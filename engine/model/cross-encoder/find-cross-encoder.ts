import type { CrossEncoderSignature } from '../../../core/cross-encoder-signature.js';
import { locksWeights } from '../../../core/model-lock.js';
import { loadPairTokenizer } from '../../tokenizer/pair-encoding.js';
import type { PairTokenizer } from '../../tokenizer/pair-tokenizer.js';
import { sha256OfTokenizer } from '../auto-tokenizer/auto-tokenizer.js';
import type { CrossEncoder, CrossEncoderModel, CrossEncoderSettings } from '../cross-encoder.js';
import { locateModel } from '../fetch/resolve-model.js';
import { fingerprintOf } from '../fingerprint.js';
import { sha256OfModelFile, sha256OfWeights } from '../folder/hash-files.js';
import { activationOf } from '../folder/layer-configuration.js';
import type { ModelResources } from '../model.js';
import { modelInvalid } from '../model-errors.js';
import { assertWithin } from '../signature-options.js';
import { checkClassificationWeights, ensureClassificationGraph } from './classification-graph.js';
import { type CrossEncoderFolder, readCrossEncoderFolder } from './cross-encoder-folder.js';
import { openOnnxCrossEncoder } from './onnx-cross-encoder.js';

/**
 * Finds the cross-encoder that `source` names. Hashing its weights takes about a second per
 * gigabyte. Errors: MODEL_NOT_FOUND; MODEL_INVALID and MODEL_UNSUPPORTED, naming the file, also for
 * a model that embeds and for an activation that is not supported; USAGE for a limit of tokens that
 * the model does not have.
 */
export async function findCrossEncoder(settings: CrossEncoderSettings): Promise<CrossEncoderModel> {
  const { location, lock } = await locateModel(settings.source, settings.lock);
  const model = await readCrossEncoderFolder(location);
  const signature = await signatureOf(model, settings);
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    location: model.folder,
    ...(lock && locksWeights(lock, signature.weightsSha256) && { lock }),
    async check() {
      await checkClassificationWeights(model, signature);
      await openTokenizer(model);
    },
    open: async (resources) =>
      openOnnxCrossEncoder(
        {
          signature,
          tokenizer: await openTokenizer(model),
          graphFile: await ensureClassificationGraph(model, signature),
        },
        resources,
      ),
  };
}

/**
 * Finds a cross-encoder and opens it. Errors: those of `findCrossEncoder` and of
 * `CrossEncoderModel.open`.
 */
export async function openCrossEncoder({
  sessions,
  batching,
  ...settings
}: CrossEncoderSettings & ModelResources): Promise<CrossEncoder> {
  const model = await findCrossEncoder(settings);
  return model.open({ ...(sessions === undefined ? {} : { sessions }), ...(batching ? { batching } : {}) });
}

async function signatureOf(
  model: CrossEncoderFolder,
  settings: CrossEncoderSettings,
): Promise<CrossEncoderSignature> {
  const maxTokens = settings.maxTokens ?? model.maxTokens;
  assertWithin(maxTokens, model.encoder.maxPositions, 'tokens', model.name);
  return {
    kind: 'cross-encoder',
    name: model.name,
    architecture: model.architectureName,
    parameters: model.encoder.parameters,
    weightsSha256: await sha256OfWeights(model.weightsFile),
    tokenizerSha256: await sha256OfTokenizer(model.tokenizer, sha256OfModelFile),
    tokenTypes: model.tokenTypes,
    labels: model.labels,
    outputActivation:
      settings.activation === undefined
        ? model.activation
        : activationOf(`torch.nn.${settings.activation}`, model.folder),
    maxTokens,
    precision: 'float32',
  };
}

/**
 * Opens the tokenizer. Errors: MODEL_INVALID where the tokenizer has tokens or token types that the
 * weights lack, and those of `loadPairTokenizer`.
 */
async function openTokenizer({
  encoder,
  tokenTypes,
  tokenizer: source,
}: CrossEncoderFolder): Promise<PairTokenizer> {
  const tokenizer = await loadPairTokenizer(source);
  const misfits: readonly [what: string, found: number, known: number][] = [
    ['tokens', tokenizer.vocabularySize, encoder.vocabularySize],
    ['token types', tokenTypes ? tokenizer.tokenTypes : 1, encoder.tokenTypes ?? 1],
  ];
  for (const [what, found, known] of misfits)
    if (found > known)
      throw modelInvalid(source.file, `the tokenizer has ${found} ${what}, the weights only ${known}`);
  return tokenizer;
}
