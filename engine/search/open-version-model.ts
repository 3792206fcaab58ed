import type { Embedder } from '../model/embedder.js';
import { findModel, openEmbedder } from '../model/find/find-model.js';
import { fingerprintOf } from '../model/fingerprint.js';
import { type ModelSettings, settingsOfJob } from '../model/model.js';
import { assertSameSpace } from '../version/assert-same-space.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * Opens the model to compare with a version's vectors. By default it is the job's own, as this
 * machine has it. Its fingerprint is compared before its weights are loaded. Errors: those of the
 * model; FINGERPRINT_MISMATCH.
 */
export async function openVersionModel(
  version: ReadableVersion,
  settings: ModelSettings = settingsOfJob(version.job),
): Promise<Embedder> {
  const { maxTokens, dimensions, ...choice } = settings;
  // The job's limits are part of the fingerprint, but a model with smaller limits could not be
  // described with them. A model that a provider runs cannot be described without them.
  const own = await findModel(settings.provider ? settings : choice);
  const signature = {
    ...own.signature,
    maxTokens: maxTokens ?? own.signature.maxTokens,
    dimensions: dimensions ?? own.signature.dimensions,
  };
  assertSameSpace(version, { signature, fingerprint: fingerprintOf(signature) });
  return openEmbedder(settings);
}
