import type { JobRecord } from '../../../core/job-spec.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Embedder } from '../embedder.js';
import { fetchModelOf } from '../fetch/fetch-locked.js';
import { type ModelResources, settingsOfJob } from '../model.js';
import { findModel, openEmbedder } from './find-model.js';

/**
 * Opens the model of a job with these resources. A locked model that is missing on this machine is
 * fetched first, of which `log` is told. Errors: those of `fetchModelOf` and `openEmbedder`.
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
 * `fetchModelOf` and `findModel`.
 */
export async function tokenizerOfJob(job: JobRecord, log: (line: string) => void): Promise<Tokenizer> {
  await fetchModelOf(job, log);
  return (await findModel(settingsOfJob(job))).tokenizer();
}
