import { isVectormillError, VectormillError } from '../../core/errors.js';
import { assertSendable } from '../../core/message-size.js';
import type {
  JobTemplate,
  NightlyIndex,
  NightlyMining,
  ScheduleRecord,
} from '../../core/schedule/schedule-record.js';
import { checkHeads } from '../corpus/check-heads.js';
import { type Listing, listObjects } from '../corpus/list-objects.js';
import { planCorpus } from '../corpus/plan-corpus.js';
import { metricOfIndex } from '../index/index-metric.js';
import { assertOutputApart } from '../job/output-apart.js';
import { completeJob, settingsOf } from '../job/parse-job.js';
import { assertRoomBesidePrompt } from '../job/prompt-room.js';
import { recordedCrossEncoder } from '../mining/prepare-mining.js';
import { queryUrisOf } from '../mining/read-queries.js';
import { assertModelsHold, type NamedModel, namedModelOf } from '../model/fetch/models-hold.js';
import { findModel } from '../model/find/find-model.js';
import { withLenders } from '../reuse/open-lenders.js';
import { splitUri } from '../store/open-store.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import type { StoreOpener } from '../store/store-cache.js';
import { readRef } from '../version/read-ref.js';
import { parseSchedule, type ScheduleDraft } from './parse-schedule.js';

/** A schedule whose nights may start. */
export interface PreparedSchedule {
  record: ScheduleRecord;
  /** Sentences about what is not wrong but worth knowing before the first night. */
  notes: readonly string[];
  /** The objects of the input. Undefined where it holds nothing yet. */
  listing: Listing | undefined;
}

export interface PrepareScheduleOptions {
  openStore: StoreOpener;
  readText(file: string): Promise<string>;
  beforeWriting?: ((record: ScheduleRecord) => Promise<void>) | undefined;
}

/**
 * Parses the text of a schedule file as a schedule whose nights may start. What would stop every
 * night is refused here. An input that holds nothing yet is not refused, because a bucket may fill
 * later. It writes nothing but the store's own probe, which may make the folder of the output;
 * `beforeWriting` is called with the record before that.
 * Errors: JOB_INVALID; those of the models, of `withLenders` and of `metricOfIndex`;
 * INPUT_NOT_FOUND for a file of queries; INPUT_UNSUPPORTED and INPUT_DAMAGED as `planCorpus` and
 * `checkHeads`; STORE_UNSUPPORTED, STORE_DENIED.
 */
export async function prepareSchedule(
  file: string,
  text: string,
  { openStore, readText, beforeWriting }: PrepareScheduleOptions,
): Promise<PreparedSchedule> {
  const draft = await parseSchedule(text, file, readText);
  const job = await prepareTemplate(draft, openStore);
  const index = nightlyIndex(draft, job);
  const mine = await prepareNightlyMining(draft, openStore);
  await assertModelsHold(job.spec.models, namedModels(job, mine), { openStore, file: draft.jobFile });
  const { name, timing, fullEvery } = draft;
  const record: ScheduleRecord = {
    formatVersion: 1,
    name,
    timing,
    job,
    mine,
    index,
    ...(fullEvery !== undefined && { fullEvery }),
  };
  assertSendable(record, { what: 'the schedule', file });
  const { listing, note } = await listInput(job, openStore);
  const notes = [note, await spaceNote(job, openStore)];
  await beforeWriting?.(record);
  await probeConditionalWrites(openStore(job.spec.output));
  return {
    record,
    notes: notes.filter((own) => own !== undefined),
    listing,
  };
}

async function prepareTemplate(
  { job: draft, jobFile }: ScheduleDraft,
  openStore: StoreOpener,
): Promise<JobTemplate> {
  await assertOutputApart(draft, jobFile);
  const model = await findModel(settingsOf(draft.model));
  const complete = completeJob(draft, model, jobFile);
  const job = await withLenders(openStore(complete.spec.output), complete);
  assertSendable(job, { what: 'the job', file: jobFile });
  await model.check();
  await assertRoomBesidePrompt(job, await model.tokenizer(), jobFile);
  // Each night has the parent and the editions with which it is opened.
  const { parent: _, carry: ____, editions: ___, ...others } = job;
  const { version: __, ...spec } = job.spec;
  return { ...others, spec };
}

function nightlyIndex({ index }: ScheduleDraft, { signature }: JobTemplate): NightlyIndex | null {
  if (!index) return null;
  const { name, request } = index;
  return { name, request: { ...request, metric: metricOfIndex(signature, request.metric) } };
}

async function prepareNightlyMining(
  { mine }: ScheduleDraft,
  openStore: StoreOpener,
): Promise<NightlyMining | null> {
  if (!mine) return null;
  for (const uri of queryUrisOf(mine.source)) await assertThere(uri, openStore);
  const { output: _, dataset: __, version: ___, models: ____, ...spec } = mine;
  return { spec, ...(await recordedCrossEncoder(mine)) };
}

/** Returns the models that a night opens. */
function namedModels(job: JobTemplate, mine: NightlyMining | null): NamedModel[] {
  const { crossEncoder } = mine?.spec ?? {};
  return [
    namedModelOf(job),
    ...(crossEncoder ? [{ source: crossEncoder.model, lock: mine?.crossEncoderLock }] : []),
  ];
}

async function assertThere(uri: string, openStore: StoreOpener): Promise<void> {
  const { root, key } = splitUri(uri);
  if (await openStore(root).head(key)) return;
  throw new VectormillError('INPUT_NOT_FOUND', `${uri}: there is no such file`, {
    component: 'schedule',
    file: uri,
    remedy: 'Correct `mine`: every night reads its queries there.',
  });
}

/** Lists the input and checks what it holds. An empty one is worth a note. */
async function listInput(
  { spec: { input, shardBytes } }: JobTemplate,
  openStore: StoreOpener,
): Promise<{ listing: Listing | undefined; note?: string }> {
  try {
    const listing = await listObjects({ ...input, openStore });
    const { shards } = await planCorpus(input, { shardBytes, openStore, listing });
    await checkHeads(shards, input, openStore);
    return { listing };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const note = `${error.message}; until there are documents, nights end without a version. If you expected documents, correct input.uri.`;
    return { listing: undefined, note };
  }
}

async function spaceNote(
  { spec, fingerprint }: JobTemplate,
  openStore: StoreOpener,
): Promise<string | undefined> {
  const store = openStore(spec.output);
  const ref = spec.ref === 'none' ? undefined : await readRef(store, spec.dataset, spec.ref);
  if (!ref || ref.fingerprint === fingerprint) return undefined;
  return `the ref ${spec.ref} names ${spec.dataset}@${ref.version}, which is of another model; from the first night on it names another vector space, and queries must be embedded with its model.`;
}

/** Says whether an input could be reached but holds nothing. */
export function isNotFound(error: unknown): error is VectormillError {
  return isVectormillError(error) && (error.code === 'INPUT_EMPTY' || error.code === 'INPUT_NOT_FOUND');
}
