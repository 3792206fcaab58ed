import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { openInput } from '../corpus/open-input.js';
import { readModelFolder } from '../model/model-folder.js';
import { resolveModel } from '../model/resolve-model.js';
import { fingerprintOf, signatureOf } from '../model/signature.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import type { StoreOpener } from '../store/store-cache.js';
import { loadTokenizer } from '../tokenizer/hugging-face-tokenizer.js';
import { checkVersion } from '../version/create-version.js';
import { completeJob, parseJob } from './parse-job.js';
import { assertRoomBesidePrompt } from './prompt-room.js';

/**
 * A job file's text as a job that may start: every refusal happens here, before anything is written.
 * Errors: JOB_INVALID, those of the model, FINGERPRINT_MISMATCH, VERSION_CONFLICT, STORE_UNSUPPORTED, INPUT_NOT_FOUND.
 */
export async function prepareJob(file: string, text: string, openStore: StoreOpener): Promise<JobRecord> {
  const draft = parseJob(text, file);
  const folder = await resolveModel(draft.model.source);
  const { max_tokens: maxTokens, dimensions, prompts } = draft.model;
  const model = await readModelFolder(folder);
  const signature = await signatureOf(model, { maxTokens, dimensions, prompts });
  const job = completeJob(draft, { signature, fingerprint: fingerprintOf(signature) }, file);
  await assertRoomBesidePrompt(job, await loadTokenizer(model.encoderFolder), file);
  const output = openStore(job.spec.output);
  if ((await checkVersion(output, job)) === 'complete') return job;
  await assertInputExists(job, openStore);
  await probeConditionalWrites(output);
  return job;
}

async function assertInputExists(job: JobRecord, openStore: StoreOpener): Promise<void> {
  const { uri } = job.spec.input;
  const { store, key } = openInput(uri, openStore);
  if (key !== '' && (await store.head(key))) return;
  for await (const _object of store.list(key === '' ? '' : `${key}/`)) return;
  throw new VectormillError('INPUT_NOT_FOUND', `there is nothing at ${uri}`, {
    component: 'job',
    file: uri,
    remedy: 'Check `input.uri` and the credentials.',
  });
}
