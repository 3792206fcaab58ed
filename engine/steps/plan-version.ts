import { isUnchanged } from '../../core/carry/compare-slices.js';
import { firstShardOf, type JobRecord } from '../../core/job-spec.js';
import { inputTotals } from '../../core/plan.js';
import { pinsOfJob } from '../../core/retention/job-pins.js';
import { planCorpus } from '../corpus/plan-corpus.js';
import type { Footer } from '../parquet/footer.js';
import { forgottenFooter, writeCarryingPlanFile, writePlanFile } from '../parquet/plan-file.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import { createVersion } from '../version/create-version.js';
import { type OpenVersion, readOwnShards } from '../version/open-version.js';
import { pinVersions } from '../version/pins.js';
import { planForgotten, readReplaceablePlan, readStoredPlan } from '../version/stored-plan.js';
import { carriedCorpus } from './carry/carried-corpus.js';
import { readingParent } from './carry/parent-errors.js';
import type { StepRun, StepTools } from './step-context.js';

/**
 * The facts that the orchestration needs to know of a plan: its sizes, but never the plan itself.
 */
export interface PlanSummary {
  shards: number;
  inputObjects: number;
  inputBytes: number;
  /** The number of plans of the version that were forgotten before this one. */
  forgottenPlans: number;
}

/**
 * Claims the version after a test has shown that the store honours conditional writes, and pins it
 * and the versions that it needs. Errors: STORE_UNSUPPORTED, FINGERPRINT_MISMATCH,
 * VERSION_CONFLICT, VERSION_RETIRED.
 */
export async function claimVersion(
  tools: StepTools,
  job: JobRecord,
  { owner }: Pick<StepRun, 'owner'>,
): Promise<void> {
  const store = tools.openStore(job.spec.output);
  await probeConditionalWrites(store);
  for (const pin of pinsOfJob(job)) await pinVersions(store, { ...pin, owner });
  await createVersion(store, job);
}

/**
 * Lists the corpus and fixes its shards. A resumed job keeps the plan with which it began, unless
 * that was forgotten. Where rows are carried over, the objects that have not changed are not
 * planned. Errors: INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_UNSUPPORTED, INPUT_DAMAGED; those of
 * `carriedCorpus`; PLAN_FORGOTTEN if that happens at once.
 */
export async function planVersion(tools: StepTools, version: OpenVersion): Promise<PlanSummary> {
  const { store, layout, job } = version;
  const found = await readReplaceablePlan(store, layout.plan);
  if (!found || found.state === 'forgotten') {
    const footer = { fingerprint: job.fingerprint, ...forgottenFooter(found?.forgottenPlans ?? 0) };
    const bytes = job.carry
      ? await readingParent(version, () => planCarrying(tools, version, footer))
      : await planWhole(tools, version, footer);
    // If this is refused, another run has planned meanwhile.
    await store.put(layout.plan, bytes, { condition: found?.unchanged ?? { ifAbsent: true } });
  }
  const planned = await readStoredPlan(store, layout.plan);
  if (!planned || planned.state === 'forgotten') throw planForgotten(`${store.root}/${layout.plan}`);
  const shards = await readOwnShards(store, job, planned.bytes);
  const { objects, bytes } = inputTotals(shards);
  const { forgottenPlans } = planned;
  return { shards: shards.length, inputObjects: objects, inputBytes: bytes, forgottenPlans };
}

/** Returns the bytes of a plan that reads every object. */
async function planWhole(
  { openStore }: StepTools,
  { job }: OpenVersion,
  footer: Footer,
): Promise<Uint8Array> {
  const { shardBytes, input } = job.spec;
  const { shards } = await planCorpus(input, { shardBytes, openStore });
  return writePlanFile(shards, footer);
}

/** Returns the bytes of a plan that reads the objects that the parent does not have as they are. */
async function planCarrying(
  { openStore }: StepTools,
  version: OpenVersion,
  footer: Footer,
): Promise<Uint8Array> {
  const { job } = version;
  const { shardBytes, input } = job.spec;
  const slices = (await carriedCorpus(version))?.slices ?? [];
  const known = new Map(slices.map((slice) => [slice.uri, slice]));
  const { shards, kept } = await planCorpus(input, {
    shardBytes,
    openStore,
    firstShard: firstShardOf(job),
    isKept: (object) => isUnchanged(object, known.get(object.uri)),
  });
  const places = [...slices.keys()].filter((place) => kept.has(slices[place]!.uri));
  return writeCarryingPlanFile({ shards, kept: places }, slices, footer);
}
