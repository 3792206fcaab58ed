import { VectormillError } from '../core/errors.js';
import { openEmbedder } from '../engine/model/find/find-model.js';
import { OpenedResources } from './opened-resources.js';

export interface ModelOptions {
  /** The precision in which the model computes. It is part of the vector space. */
  precision?: 'float32' | 'float16' | 'int8';
  /** The largest number of tokens in a text; longer texts are cut off. */
  maxTokens?: number;
  /** The number of a vector's first numbers that are kept. */
  dimensions?: number;
}

export interface EmbedTextsOptions {
  /** The prompt of the model that is put before each text. The default is `document`. */
  prompt?: 'query' | 'document';
  signal?: AbortSignal;
}

export interface TextEmbeddings {
  /** Row-major `[texts, dimensions]`, in the order of the texts. */
  vectors: Float32Array;
  dimensions: number;
  /** The number of tokens that were computed, without padding. */
  tokens: number;
}

/** A model that is ready to embed. */
export interface OpenedModel {
  readonly name: string;
  /** The SHA-256, in hex, of what fixes the vector space. */
  readonly fingerprint: string;
  /** The number of numbers in a vector. */
  readonly dimensions: number;
  /** The largest number of tokens in a text. */
  readonly maxTokens: number;
  /**
   * Computes a vector for each text, as a job does. Errors: USAGE where something is no text;
   * CANCELLED where the signal is aborted; VECTOR_INVALID, SESSION_LOST.
   */
  embed(texts: readonly string[], options?: EmbedTextsOptions): Promise<TextEmbeddings>;
  /** Gives the model's memory and threads back. A closed model can be used no longer. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a model. `source` is the name of a model that `vectormill model pull` put into the cache,
 * or the path of a model's folder or file. Errors: MODEL_NOT_FOUND, MODEL_INVALID,
 * MODEL_UNSUPPORTED; USAGE for options that the model does not have.
 */
export async function openModel(source: string, options: ModelOptions = {}): Promise<OpenedModel> {
  const { precision, maxTokens, dimensions } = options;
  const embedder = await openEmbedder({ source, precision, maxTokens, dimensions });
  const { signature, fingerprint } = embedder;
  const opened = new OpenedResources(`the model ${signature.name}`);
  await opened.get('model', async () => embedder);
  const close = () => opened.close();
  return {
    name: signature.name,
    fingerprint,
    dimensions: signature.dimensions,
    maxTokens: signature.maxTokens,
    embed: async (texts, { prompt = 'document', signal } = {}) => {
      opened.assertOpen();
      assertTexts(texts);
      const { vectors, tokens } = await embedder.embed(texts, { prompt, ...(signal && { signal }) });
      return { vectors, dimensions: signature.dimensions, tokens };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function assertTexts(texts: readonly unknown[]): void {
  const isList = Array.isArray(texts);
  const position = isList ? texts.findIndex((text) => typeof text !== 'string') : 0;
  if (isList && position < 0) return;
  throw new VectormillError('USAGE', `what is to be embedded is no text at position ${position}`, {
    component: 'api',
    position,
    remedy: 'Give a list of strings.',
  });
}
