import type { IndexJob, PublishedIndex, ShardOutcome } from '../../core/index/index-job.js';
import type { IndexShardRecord } from '../../core/index/index-manifest.js';
import { availableCores } from '../concurrency/available-cores.js';
import {
  buildShard,
  type IndexPlan,
  planIndex,
  rebuiltIfPoor,
  withSoundGraphs,
} from '../index/build-index.js';
import { publishIndex } from '../index/publish-index.js';
import { type ReadableVersion, resolveVersion } from '../version/resolve-version.js';
import type { StepRun, StepTools } from './step-context.js';

type Tools = Pick<StepTools, 'openStore'>;

/**
 * Returns how many shards must be built and of how many rows; both are 0 if the index already
 * exists. Errors: as `planIndex`.
 */
export async function planIndexBuild(tools: Tools, job: IndexJob): Promise<{ shards: number; rows: number }> {
  const { plan } = await openPlan(tools, job);
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
  { signal }: Pick<StepRun, 'signal'>,
): Promise<PublishedIndex> {
  const { version, plan: planned } = await openPlan(tools, job);
  const run = { threads: availableCores(), signal, onRows: () => {} };
  return rebuiltIfPoor(version, await withSoundGraphs(version, planned), async (plan) => {
    const records: IndexShardRecord[] = [];
    for (const shard of plan.existing ? [] : plan.shards.keys())
      records.push((await buildShard(version, plan, shard, run)).record);
    const manifest =
      plan.existing ?? (await publishIndex(version, plan, records, { signal, onFile: () => {} }));
    const { name, kind, source, bytes, gate, buildSeconds } = manifest;
    const followed = plan.followed?.graphs.length ?? 0;
    return { name, kind, rows: source.rows, bytes, recall: gate.recall, buildSeconds, followed };
  });
}

async function openPlan(
  { openStore }: Tools,
  { location, name, request }: IndexJob,
): Promise<{ version: ReadableVersion; plan: IndexPlan }> {
  const { output, dataset, version: selector } = location;
  const version = await resolveVersion(openStore(output), { dataset, selector });
  return { version, plan: await planIndex(version, name, request) };
}
