import { locksWeights } from '../../../core/model-lock.js';
import type { Embedder } from '../embedder.js';
import { exportModel } from '../export/export-model.js';
import { findExport } from '../export/find-export.js';
import { locateModel } from '../fetch/resolve-model.js';
import { httpModel } from '../http/http-model.js';
import type { Model, ModelResources, ModelSettings } from '../model.js';
import { isStaticFolder } from '../static/static-folder.js';
import { staticModel } from '../static/static-model.js';
import { isWordVectors, wordVectorsModel } from '../static/word-vectors-model.js';
import { transformerModel } from '../transformer/transformer-model.js';

/**
 * Finds the model that `source` names, whatever its kind. Hashing its weights takes about a second
 * per gigabyte. Errors: MODEL_NOT_FOUND; MODEL_INVALID and MODEL_UNSUPPORTED, naming the file;
 * USAGE for a limit of tokens or for dimensions that the model does not have; those of `httpModel`
 * for a model that a provider runs.
 */
export async function findModel({ lock: asked, ...settings }: ModelSettings): Promise<Model> {
  const { source, provider } = settings;
  if (provider) return httpModel({ ...settings, provider });
  const { location, lock } = await locateModel(source, asked);
  const model = await modelAt(location, settings);
  return lock && locksWeights(lock, model.signature.weightsSha256) ? { ...model, lock } : model;
}

async function modelAt(
  location: string,
  { source: _, provider: __, file, ...options }: Omit<ModelSettings, 'lock'>,
): Promise<Model> {
  if (file === undefined) {
    if (isWordVectors(location)) return wordVectorsModel(location, options);
    if (await isStaticFolder(location)) return staticModel(location, options);
  }
  const exported = await findExport(location, file);
  if (exported !== undefined) return exportModel(location, exported, options);
  return transformerModel(location, options);
}

/** Finds a model and opens it. Errors: those of `findModel` and of `Model.open`. */
export async function openEmbedder(settings: ModelSettings & ModelResources): Promise<Embedder> {
  const { sessions, batching, executionProvider, ...model } = settings;
  return (await findModel(model)).open({ sessions, batching, executionProvider });
}
