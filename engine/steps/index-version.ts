import type { IndexJob, PublishedIndex, ShardOutcome } from '../../core/index/index-job.js';
import type { IndexShardRecord } from '../../core/index/index-manifest.js';
import { pinOfIndex } from '../../core/retention/job-pins.js';
import { availableCores } from '../concurrency/available-cores.js';
import {
  buildShard,
  type IndexPlan,
  planIndex,
  rebuiltIfPoor,
  withSoundGraphs,
} from '../index/build-index.js';
import { publishIndex } from '../index/publish-index.js';
import { pinVersions, unpin } from '../version/pins.js';
import { type ReadableVersion, resolveVersion } from '../version/resolve-version.js';
import type { StepRun, StepTools } from './step-context.js';

type Tools = Pick<StepTools, 'openStore'>;

/**
 * Returns how many shards must be built and of how many rows; both are 0 if the index already
 * exists. The version and its parent are pinned until the index is finished. Errors:
 * VERSION_RETIRED; as `planIndex`.
 */
export async function planIndexBuild(
  tools: Tools,
  job: IndexJob,
  { owner }: Pick<StepRun, 'owner'>,
): Promise<{ shards: number; rows: number }> {
  const version = await openIndexed(tools, job);
  await pinVersions(version.store, { ...pinOfIndex(version.manifest, job.name), owner });
  const plan = await planIndex(version, job.name, job.request);
  const shards = plan.existing ? [] : plan.shards;
  return { shards: shards.length, rows: shards.reduce((sum, { rows }) => sum + rows, 0) };
}

/** Builds one shard, or finds it built. Errors: as `buildShard`. */
export async function indexShard(
  tools: Tools,
  job: IndexJob,
  shard: number,
  { signal, onPosition }: StepRun,
): Promise<ShardOutcome> {
  const { version, plan } = await openPlan(tools, job);
  const { rows } = plan.shards[shard]!;
  const onRows = (done: number) =>
    onPosition({ stage: 'index', shard, rows: done, rowsTotal: rows, tokens: 0 });
  const { reused } = await buildShard(version, plan, shard, { threads: availableCores(), signal, onRows });
  return { rows, reused };
}

/**
 * Measures and publishes an index whose shards are built. A missing one is built first. Errors: as
 * `publishIndex`.
 */
export async function finishIndex(
  tools: Tools,
  job: IndexJob,
  { signal, owner }: Pick<StepRun, 'signal' | 'owner'>,
): Promise<PublishedIndex> {
  const { version, plan: planned } = await openPlan(tools, job);
  const run = { threads: availableCores(), signal, onRows: () => {} };
  const published = await rebuiltIfPoor(version, await withSoundGraphs(version, planned), async (plan) => {
    const records: IndexShardRecord[] = [];
    for (const shard of plan.existing ? [] : plan.shards.keys())
      records.push((await buildShard(version, plan, shard, run)).record);
    const manifest =
      plan.existing ?? (await publishIndex(version, plan, records, { signal, onFile: () => {} }));
    const { name, kind, source, bytes, gate, buildSeconds } = manifest;
    const followed = plan.followed?.graphs.length ?? 0;
    return { name, kind, rows: source.rows, bytes, recall: gate.recall, buildSeconds, followed };
  });
  await unpin(version.store, { ...pinOfIndex(version.manifest, job.name), owner });
  return published;
}

async function openPlan(tools: Tools, job: IndexJob): Promise<{ version: ReadableVersion; plan: IndexPlan }> {
  const version = await openIndexed(tools, job);
  return { version, plan: await planIndex(version, job.name, job.request) };
}

function openIndexed({ openStore }: Tools, { location }: IndexJob): Promise<ReadableVersion> {
  const { output, dataset, version: selector } = location;
  return resolveVersion(openStore(output), { dataset, selector });
}
