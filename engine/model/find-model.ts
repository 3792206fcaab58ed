import type { Embedder } from './embedder.js';
import { exportModel } from './export/export-model.js';
import { findExport } from './export/find-export.js';
import type { Model, ModelResources, ModelSettings } from './model.js';
import { resolveModel } from './resolve-model.js';
import { transformerModel } from './transformer-model.js';

/**
 * The model that `source` names, of whatever kind it is. Hashes its weights: about a second per gigabyte.
 * Errors: MODEL_NOT_FOUND; MODEL_INVALID and MODEL_UNSUPPORTED, naming the file; USAGE for a token limit or dimensions
 * that the model does not have.
 */
export async function findModel({ source, file, ...options }: ModelSettings): Promise<Model> {
  const location = await resolveModel(source);
  const exported = await findExport(location, file);
  if (exported !== undefined) return exportModel(location, exported, options);
  return transformerModel(location, options);
}

/** Finds a model and opens it. Errors: those of `findModel` and of `Model.open`. */
export async function openEmbedder(settings: ModelSettings & ModelResources): Promise<Embedder> {
  const { sessions, batching, executionProvider, ...model } = settings;
  return (await findModel(model)).open({ sessions, batching, executionProvider });
}
