import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '../../core/canonical-json.js';
import { VectormillError } from '../../core/errors.js';
import type { ModelSignature } from '../../core/model-signature.js';
import { modelInvalid } from './model-errors.js';
import { type ModelFolder, readModelFolder } from './model-folder.js';

export interface SignatureOptions {
  /** Tokens a row may have, special tokens included; by default the folder's own limit. */
  maxTokens?: number;
  /** Put before each text instead of the folder's own prompts. */
  prompts?: { query?: string; document?: string };
}

/**
 * The signature of the model in a sentence-transformers folder. Hashes the weights: about a second per gigabyte.
 * Errors: those of `readModelFolder`; USAGE for a token limit that the model does not have positions for.
 */
export async function readSignature(folder: string, options: SignatureOptions = {}): Promise<ModelSignature> {
  return signatureOf(await readModelFolder(folder), options);
}

/** The same for a folder that has been read. */
export async function signatureOf(model: ModelFolder, options: SignatureOptions): Promise<ModelSignature> {
  const maxTokens = options.maxTokens ?? model.maxTokens;
  const { maxPositions } = model.encoder;
  if (!Number.isInteger(maxTokens) || maxTokens < 1 || maxTokens > maxPositions)
    throw new VectormillError('USAGE', `a limit of ${maxTokens} tokens does not suit ${model.name}`, {
      component: 'model',
      remedy: `Give a whole number of tokens from 1 to ${maxPositions}.`,
    });
  return {
    name: model.name,
    architecture: model.architectureName,
    parameters: model.encoder.parameters,
    weightsSha256: await sha256OfFile(model.weightsFile),
    tokenizerSha256: await sha256OfFile(model.tokenizerFile),
    pooling: model.pooling,
    normalize: model.normalize,
    maxTokens,
    dimensions: model.encoder.hiddenSize * model.pooling.length,
    precision: 'float32',
    prompts: {
      query: options.prompts?.query ?? model.prompts.query,
      document: options.prompts?.document ?? model.prompts.document,
    },
  };
}

/** sha256, hex, of the canonical JSON of the signature without its display name. */
export function fingerprintOf(signature: ModelSignature): string {
  const { name: _, ...space } = signature;
  return createHash('sha256').update(canonicalJson(space)).digest('hex');
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
