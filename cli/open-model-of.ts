import type { Embedder } from '../engine/model/embedder.js';
import { type ModelSettings, settingsOfJob } from '../engine/model/model.js';
import { openVersionModel } from '../engine/search/open-version-model.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import { modelSettings } from './model-settings.js';

/**
 * Opens the model to compare with a version's vectors: the named one, or the job's own. Errors:
 * those of `openVersionModel`, and of a file that is named.
 */
export async function openModelOf(version: ReadableVersion, named: unknown): Promise<Embedder> {
  const own = settingsOfJob(version.job);
  return openVersionModel(version, typeof named === 'string' ? await namedLike(own, named) : own);
}

/** Returns the named model, with the job's settings wherever the name does not set its own. */
async function namedLike(model: ModelSettings, named: string): Promise<ModelSettings> {
  const { provider: _, lock: __, ...choice } = model;
  const given = Object.entries(await modelSettings(named)).filter(([, value]) => value !== undefined);
  return { ...choice, ...(Object.fromEntries(given) as ModelSettings) };
}
