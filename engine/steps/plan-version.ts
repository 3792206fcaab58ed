import type { JobRecord } from '../../core/job-spec.js';
import { inputTotals } from '../../core/plan.js';
import { planCorpus } from '../corpus/plan-corpus.js';
import { writePlanFile } from '../parquet/plan-file.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import { createOnce } from '../version/create-once.js';
import { createVersion } from '../version/create-version.js';
import type { OpenVersion } from '../version/open-version.js';
import type { StepTools } from './step-context.js';

/**
 * The facts that the orchestration needs to know of a plan: its sizes, but never the plan itself.
 */
export interface PlanSummary {
  shards: number;
  inputObjects: number;
  inputBytes: number;
}

/**
 * Claims the version after a test has shown that the store honours conditional writes. Errors:
 * STORE_UNSUPPORTED, FINGERPRINT_MISMATCH, VERSION_CONFLICT.
 */
export async function claimVersion(tools: StepTools, job: JobRecord): Promise<void> {
  const store = tools.openStore(job.spec.output);
  await probeConditionalWrites(store);
  await createVersion(store, job);
}

/**
 * Lists the corpus and fixes its shards once. A resumed job keeps the plan with which it began.
 * Errors: INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_UNSUPPORTED, INPUT_DAMAGED.
 */
export async function planVersion(tools: StepTools, version: OpenVersion): Promise<PlanSummary> {
  const { store, layout, job } = version;
  if (!(await store.head(layout.plan))) {
    const { shardBytes, input } = job.spec;
    const { shards } = await planCorpus(input, { shardBytes, openStore: tools.openStore });
    await createOnce(store, layout.plan, writePlanFile(shards, { fingerprint: job.fingerprint }));
  }
  const shards = await version.plan();
  const { objects, bytes } = inputTotals(shards);
  return { shards: shards.length, inputObjects: objects, inputBytes: bytes };
}
