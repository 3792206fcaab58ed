import type { JobRecord } from '../../core/job-spec.js';
import { vectorPrecisionOf } from '../../core/job-spec.js';
import { inputTotals } from '../../core/plan.js';
import { type Cost, costOf } from '../../core/provider.js';
import { storedBytes } from '../../core/vector-precision.js';
import { chunkRows, type NumberedDocument, promptTokens } from '../chunking/chunk-rows.js';
import { checkHeads } from '../corpus/check-heads.js';
import { type PlannedCorpus, planCorpus } from '../corpus/plan-corpus.js';
import { withLenders } from '../reuse/open-lenders.js';
import type { StoreOpener } from '../store/store-cache.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { checkVersion } from '../version/create-version.js';
import { assertRecomputes } from '../version/recompute.js';
import { estimateParent, type ParentEstimate } from './estimate-parent.js';
import { begunJob, type JobOverrides, parseJobWithModel } from './prepare-job.js';
import { assertRoomBesidePrompt } from './prompt-room.js';
import { type CorpusSample, sampleCorpus } from './sample-corpus.js';

/** The number of documents that are chunked at once. */
const GROUP_DOCUMENTS = 64;

/**
 * The amounts that a job would read and make. All numbers but those of the input are estimated from
 * a sample, unless `sample.isWhole`.
 */
export interface JobEstimate {
  job: JobRecord;
  /**
   * The state of its version: it does not exist, it was started and the job would resume it, or it
   * is complete.
   */
  versionState: 'new' | 'started' | 'complete';
  input: { objects: number; bytes: number; ignored: PlannedCorpus['ignored'] };
  shards: number;
  /** The number of documents, including those that a scan would find to be duplicates. */
  documents: number;
  rejects: number;
  chunks: number;
  truncatedChunks: number;
  tokens: number;
  /** The bytes of all vectors as they are stored, without what is stored beside them. */
  vectorBytes: number;
  /** The cost if a provider computes the vectors. */
  cost: Cost | null;
  /** Null for a version without a parent, and for one that is complete. */
  parent: ParentEstimate | null;
  sample: { documents: number; isWhole: boolean };
}

/**
 * Estimates what a job would do, by listing its corpus and chunking a sample of it. It writes
 * nothing and starts nothing: the model is not loaded, and the output's conditional writes are not
 * tried. `onPlace` gets the numbers of places of the sample: those that were read, and all.
 * Errors: those of `prepareJob`, except those of loading the model and of writing.
 */
export async function estimateJob(
  file: string,
  text: string,
  openStore: StoreOpener,
  { onPlace, ...overrides }: JobOverrides & { onPlace: (done: number, total: number) => void },
): Promise<JobEstimate> {
  const { job, model } = await parseJobWithModel(file, text, overrides);
  const { input, shardBytes, model: choice } = job.spec;
  const output = openStore(job.spec.output);
  const begun = await begunJob(output, job);
  if (begun && overrides.recompute) assertRecomputes(begun);
  const versionState = await checkVersion(output, job);
  if (versionState === 'new') await withLenders(output, job);
  const tokenizer = await model.tokenizer();
  await assertRoomBesidePrompt(job, tokenizer, file);
  const { shards, ignored } = await planCorpus(input, { shardBytes, openStore });
  await checkHeads(shards, input, openStore);
  const slices = shards.flatMap((shard) => shard.slices);
  const recompute = overrides.recompute === true;
  const parent =
    versionState === 'complete' ? null : await estimateParent(output, job, slices, { begun, recompute });
  const samples = await sampleCorpus(shards, input, openStore, onPlace);
  const counts = { documents: 0, rejects: 0, chunks: 0, truncatedChunks: 0, tokens: 0 };
  for (const sample of samples) {
    const found = await chunkSample(sample, job, tokenizer);
    for (const name of Object.keys(counts) as (keyof typeof counts)[])
      counts[name] += found[name] * sample.factor;
  }
  const rounded = Object.fromEntries(
    Object.entries(counts).map(([name, value]) => [name, Math.round(value)]),
  ) as typeof counts;
  const rowBytes = storedBytes(vectorPrecisionOf(job.spec), job.signature.dimensions);
  return {
    job,
    versionState,
    input: { ...inputTotals(shards), ignored },
    shards: shards.length,
    ...rounded,
    vectorBytes: rounded.chunks * rowBytes,
    cost: choice.provider ? costOf(rounded.tokens, choice.provider) : null,
    parent,
    sample: {
      documents: samples.reduce((sum, { documents }) => sum + documents.length, 0),
      isWhole: samples.every(({ factor }) => factor === 1),
    },
  };
}

async function chunkSample({ documents, rejects }: CorpusSample, job: JobRecord, tokenizer: Tokenizer) {
  const tools = { job, tokenizer, promptTokens: await promptTokens(tokenizer, job) };
  const found = { documents: documents.length, rejects, chunks: 0, truncatedChunks: 0, tokens: 0 };
  for (let from = 0; from < documents.length; from += GROUP_DOCUMENTS) {
    const group = documents
      .slice(from, from + GROUP_DOCUMENTS)
      .map((document, index): NumberedDocument => ({ ordinal: from + index, document }));
    for (const { row } of await chunkRows(group, tools)) {
      found.chunks += 1;
      found.tokens += row.nTokens;
      if (row.truncated) found.truncatedChunks += 1;
    }
  }
  return found;
}
