import { type JobRecord, withAllowedDeletes, withParent } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { assertSendable } from '../../core/message-size.js';
import { checkHeads } from '../corpus/check-heads.js';
import { planCorpus } from '../corpus/plan-corpus.js';
import { assertModelsHold, namedModelOf } from '../model/fetch/models-hold.js';
import { findModel } from '../model/find/find-model.js';
import type { Model } from '../model/model.js';
import { withLenders } from '../reuse/open-lenders.js';
import type { ObjectStore } from '../store/object-store.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import type { StoreOpener } from '../store/store-cache.js';
import { checkVersion } from '../version/create-version.js';
import { findParent } from '../version/find-parent.js';
import { readJobRecord } from '../version/read-job.js';
import { refGeneration } from '../version/read-ref.js';
import { assertRecomputes } from '../version/recompute.js';
import { assertOutputApart } from './output-apart.js';
import { completeJob, parseJob, settingsOf } from './parse-job.js';
import { assertRoomBesidePrompt } from './prompt-room.js';

/** The settings that a command gives a job in place of those in its file. */
export interface JobOverrides {
  version?: string | undefined;
  /** The number of its parent's documents that the version may delete. */
  allowDeletes?: number | undefined;
  /** Whether every vector of the version is computed, and none is taken over. */
  recompute?: boolean | undefined;
}

/** A job that may start. */
export interface PreparedJob {
  job: JobRecord;
  /** The state of its version. */
  versionState: 'new' | 'started' | 'complete';
}

/**
 * Parses the text of a job file and finds the model that it names. Errors: JOB_INVALID, those of
 * the model.
 */
export async function parseJobWithModel(
  file: string,
  text: string,
  { version, allowDeletes }: JobOverrides,
): Promise<{ job: JobRecord; model: Model }> {
  const draft = parseJob(text, file);
  await assertOutputApart(draft, file);
  const model = await findModel(settingsOf(draft.model));
  const completed = completeJob(version === undefined ? draft : { ...draft, version }, model, file);
  const job = withAllowedDeletes(completed, allowDeletes);
  assertSendable(job, { what: 'the job', file });
  return { job, model };
}

/**
 * Parses the text of a job file as a job that may start. Every refusal happens here, before
 * anything is written: `beforeWriting` is called with the job before the store is tried, which may
 * make its folder.
 * Errors: JOB_INVALID, those of the model, FINGERPRINT_MISMATCH, VERSION_CONFLICT,
 * STORE_UNSUPPORTED, those of `withLenders`, `assertModelsHold`, `planCorpus` and `checkHeads`.
 */
export async function prepareJob(
  file: string,
  text: string,
  openStore: StoreOpener,
  overrides: JobOverrides = {},
  beforeWriting: (job: JobRecord) => Promise<void> = async () => {},
): Promise<PreparedJob> {
  const { job: parsed, model } = await parseJobWithModel(file, text, overrides);
  const output = openStore(parsed.spec.output);
  // The parent is found once: a job that was begun keeps the one that it has.
  const begun = await begunJob(output, parsed);
  if (begun && overrides.recompute) assertRecomputes(begun);
  const found = begun ? goingOn(parsed, begun) : await newJob(output, parsed, overrides.recompute === true);
  const versionState = await checkVersion(output, found);
  if (versionState === 'complete') return { job: found, versionState };
  const job = versionState === 'new' ? await withLenders(output, found) : found;
  await model.check();
  await assertModelsHold(job.spec.models, [namedModelOf(job)], { openStore, file });
  await assertRoomBesidePrompt(job, await model.tokenizer(), file);
  // A version that was started has its plan, so its job does not list the input again.
  if (versionState === 'new') {
    const { shardBytes, input } = job.spec;
    const { shards } = await planCorpus(input, { shardBytes, openStore });
    await checkHeads(shards, input, openStore);
  }
  await beforeWriting(job);
  await probeConditionalWrites(output);
  return { job, versionState };
}

/** Returns a job with what was decided when it was begun. */
function goingOn(job: JobRecord, begun: JobRecord): JobRecord {
  const { recompute, refGeneration: generation } = begun;
  return {
    ...withParent(job, begun),
    ...(recompute && { recompute }),
    ...(generation !== undefined && { refGeneration: generation }),
  };
}

/** Returns a job that has not been begun, with its parent and the generation of its ref. */
async function newJob(store: ObjectStore, parsed: JobRecord, recompute: boolean): Promise<JobRecord> {
  const { dataset, ref } = parsed.spec;
  // It is read before the parent, so that a move between the two is noticed at the end.
  const job =
    ref === 'none' ? parsed : { ...parsed, refGeneration: await refGeneration(store, dataset, ref) };
  const found = await findParent(store, job);
  if (!recompute) return withParent(job, found);
  return { ...withParent(job, { parent: found.parent }), recompute };
}

/** Returns the record of the version's job, if it has been begun. Errors: FILE_DAMAGED. */
export async function begunJob(store: ObjectStore, { spec }: JobRecord): Promise<JobRecord | undefined> {
  const { job: key } = versionLayout(spec.dataset, spec.version);
  return (await store.head(key)) ? readJobRecord(store, key) : undefined;
}
