import type { Embedder } from '../engine/model/embedder.js';
import { findModel, openEmbedder } from '../engine/model/find/find-model.js';
import { fingerprintOf } from '../engine/model/fingerprint.js';
import { type ModelSettings, settingsOfJob } from '../engine/model/model.js';
import { assertSameSpace } from '../engine/version/assert-same-space.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import { modelSettings } from './model-settings.js';

/**
 * Returns the model to compare with a version's vectors: the named one, or the job's own as this
 * machine has it. Its fingerprint is compared before its weights are loaded. Errors: those of the
 * model; FINGERPRINT_MISMATCH.
 */
export async function openModelOf(version: ReadableVersion, named: unknown): Promise<Embedder> {
  const settings = settingsOfJob(version.job);
  const asked = typeof named === 'string' ? await namedLike(settings, named) : settings;
  const { maxTokens, dimensions, ...choice } = asked;
  // The job's limits are part of the fingerprint, but a model with smaller limits could not be
  // described with them. A model that a provider runs cannot be described without them.
  const own = await findModel(asked.provider ? asked : choice);
  const signature = {
    ...own.signature,
    maxTokens: maxTokens ?? own.signature.maxTokens,
    dimensions: dimensions ?? own.signature.dimensions,
  };
  assertSameSpace(version, { signature, fingerprint: fingerprintOf(signature) });
  return openEmbedder(asked);
}

/** Returns the named model, with the job's settings wherever the name does not set its own. */
async function namedLike(model: ModelSettings, named: string): Promise<ModelSettings> {
  const { provider: _, ...choice } = model;
  const given = Object.entries(await modelSettings(named)).filter(([, value]) => value !== undefined);
  return { ...choice, ...(Object.fromEntries(given) as ModelSettings) };
}
