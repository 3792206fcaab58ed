import type { Embedder } from './embedder.js';
import { httpModel } from './http/http-model.js';
import type { Model, ModelResources, ModelSettings } from './model.js';
import { resolveModel } from './resolve-model.js';
import { isStaticFolder } from './static/static-folder.js';
import { staticModel } from './static/static-model.js';
import { isWordVectors, wordVectorsModel } from './static/word-vectors-model.js';
import { transformerModel } from './transformer-model.js';

/**
 * The model that `source` names, of whatever kind it is. Hashes its weights: about a second per gigabyte.
 * Errors: MODEL_NOT_FOUND; MODEL_INVALID and MODEL_UNSUPPORTED, naming the file; USAGE for a token limit or dimensions
 * that the model does not have; those of `httpModel` for one that a provider runs.
 */
export async function findModel({ source, provider, ...options }: ModelSettings): Promise<Model> {
  if (provider) return httpModel({ source, provider, ...options });
  const location = await resolveModel(source);
  if (isWordVectors(location)) return wordVectorsModel(location, options);
  if (await isStaticFolder(location)) return staticModel(location, options);
  return transformerModel(location, options);
}

/** Finds a model and opens it. Errors: those of `findModel` and of `Model.open`. */
export async function openEmbedder({
  sessions,
  batching,
  ...settings
}: ModelSettings & ModelResources): Promise<Embedder> {
  const model = await findModel(settings);
  return model.open({ ...(sessions === undefined ? {} : { sessions }), ...(batching ? { batching } : {}) });
}
