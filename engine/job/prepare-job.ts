import type { JobRecord } from '../../core/job-spec.js';
import { planCorpus } from '../corpus/plan-corpus.js';
import { checkModel } from '../model/check-model.js';
import { resolveModel } from '../model/resolve-model.js';
import { fingerprintOf, readSignature } from '../model/signature.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import type { StoreOpener } from '../store/store-cache.js';
import { checkVersion } from '../version/create-version.js';
import { completeJob, parseJob } from './parse-job.js';

/**
 * A job file's text as a job that may start: every refusal happens here, before anything is written.
 * Errors: JOB_INVALID, those of the model, FINGERPRINT_MISMATCH, VERSION_CONFLICT, STORE_UNSUPPORTED, those of
 * `planCorpus`.
 */
export async function prepareJob(file: string, text: string, openStore: StoreOpener): Promise<JobRecord> {
  const draft = parseJob(text, file);
  const folder = await resolveModel(draft.model.source);
  const maxTokens = draft.model.max_tokens;
  const signature = await readSignature(folder, maxTokens === undefined ? {} : { maxTokens });
  const job = completeJob(draft, { signature, fingerprint: fingerprintOf(signature) }, file);
  const output = openStore(job.spec.output);
  const standing = await checkVersion(output, job);
  if (standing === 'complete') return job;
  await checkModel(folder);
  // A version that was started has its plan, and reads nothing else.
  if (standing === 'new') await planCorpus(job.spec.input, { shardBytes: job.spec.shardBytes, openStore });
  await probeConditionalWrites(output);
  return job;
}
