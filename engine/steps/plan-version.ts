import type { JobRecord } from '../../core/job-spec.js';
import { planShards } from '../../core/plan-shards.js';
import { listObjects } from '../corpus/list-objects.js';
import { writePlanFile } from '../parquet/plan-file.js';
import { probeConditionalWrites } from '../store/probe-conditional-writes.js';
import { createOnce } from '../version/create-once.js';
import { createVersion } from '../version/create-version.js';
import type { OpenVersion } from '../version/open-version.js';
import type { StepTools } from './step-context.js';

/** What the orchestration needs to know of a plan: sizes, never the plan. */
export interface PlanSummary {
  shards: number;
  inputObjects: number;
  inputBytes: number;
}

/**
 * Claims the version, after the store has shown that its conditional writes are honest.
 * Errors: STORE_UNSUPPORTED, FINGERPRINT_MISMATCH, VERSION_CONFLICT.
 */
export async function claimVersion(tools: StepTools, job: JobRecord): Promise<void> {
  const store = tools.openStore(job.spec.output);
  await probeConditionalWrites(store);
  await createVersion(store, job);
}

/**
 * Lists the corpus and fixes its shards, once; a resumed job keeps the plan it began with.
 * Errors: INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_UNSUPPORTED.
 */
export async function planVersion(tools: StepTools, version: OpenVersion): Promise<PlanSummary> {
  const { store, layout, job } = version;
  if (!(await store.head(layout.plan))) {
    const objects = await listObjects(job.spec.input, tools.openStore);
    const shards = await planShards(objects, { shardBytes: job.spec.shardBytes });
    await createOnce(store, layout.plan, await writePlanFile(shards, { fingerprint: job.fingerprint }));
  }
  return summarise(await version.plan());
}

function summarise(shards: Awaited<ReturnType<OpenVersion['plan']>>): PlanSummary {
  const objects = new Set<string>();
  let inputBytes = 0;
  for (const { slices } of shards) {
    for (const slice of slices) {
      objects.add(slice.uri);
      inputBytes += slice.bytes;
    }
  }
  return { shards: shards.length, inputObjects: objects.size, inputBytes };
}
