import type { Embedder } from '../engine/model/embedder.js';
import { findModel, openEmbedder } from '../engine/model/find-model.js';
import { settingsOfJob } from '../engine/model/model.js';
import { fingerprintOf } from '../engine/model/signature.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import { assertSameSpace } from '../engine/version/search-version.js';

/**
 * The model to compare with a version's vectors: the one named, or the job's own as this machine has it. Its
 * fingerprint is compared before its weights are loaded. Errors: those of the model; FINGERPRINT_MISMATCH.
 */
export async function openModelOf(version: ReadableVersion, named: unknown): Promise<Embedder> {
  const model = settingsOfJob(version.job);
  const source = typeof named === 'string' ? named : model.source;
  const { maxTokens, dimensions, ...choice } = model;
  // The job's limits are part of the fingerprint, but a model with less could not even be described with them.
  const own = await findModel({ ...choice, source });
  const signature = {
    ...own.signature,
    maxTokens: maxTokens ?? own.signature.maxTokens,
    dimensions: dimensions ?? own.signature.dimensions,
  };
  assertSameSpace(version, { signature, fingerprint: fingerprintOf(signature) });
  return openEmbedder({ ...model, source });
}
