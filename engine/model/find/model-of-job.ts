import type { JobRecord } from '../../../core/job-spec.js';
import type { PlannedCrossEncoder } from '../../../core/mining/mining-models.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { openCrossEncoder } from '../cross-encoder/find-cross-encoder.js';
import type { CrossEncoder } from '../cross-encoder.js';
import type { Embedder } from '../embedder.js';
import { fetchLocked } from '../fetch/fetch-locked.js';
import { type ModelResources, settingsOfJob } from '../model.js';
import { findModel, openEmbedder } from './find-model.js';

/**
 * Opens the model of a job with these resources. A locked model that is missing on this machine is
 * fetched first, of which `log` is told. Errors: those of `fetchLocked` and `openEmbedder`.
 */
export async function openModelOfJob(
  job: JobRecord,
  resources: ModelResources,
  log: (line: string) => void,
): Promise<Embedder> {
  await fetchModelOf(job, log);
  return openEmbedder({ ...settingsOfJob(job), ...resources });
}

/**
 * Returns the tokenizer of a job's model, which is fetched as by `openModelOfJob`. Errors: those of
 * `fetchLocked` and `findModel`.
 */
export async function tokenizerOfJob(job: JobRecord, log: (line: string) => void): Promise<Tokenizer> {
  await fetchModelOf(job, log);
  return (await findModel(settingsOfJob(job))).tokenizer();
}

/**
 * Opens the cross-encoder of a mining job, which is fetched as by `openModelOfJob`. Errors: those
 * of `fetchLocked` and `openCrossEncoder`.
 */
export async function openCrossEncoderOfJob(
  { model, lock, models }: PlannedCrossEncoder,
  log: (line: string) => void,
): Promise<CrossEncoder> {
  if (lock) await fetchLocked(lock, { models, log });
  return openCrossEncoder({ source: model, lock });
}

/** Does nothing for a model without a lock, which has a place of its own on every machine. */
async function fetchModelOf({ modelLock, spec }: JobRecord, log: (line: string) => void): Promise<void> {
  if (modelLock) await fetchLocked(modelLock, { models: spec.models, log });
}
