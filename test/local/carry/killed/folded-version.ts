import { ALL_BUCKETS } from '../../../../core/buckets.js';
import type { JobRecord } from '../../../../core/job-spec.js';
import { type FoldKind, shardGroups } from '../../../../core/shard-groups.js';
import { chunkShard } from '../../../../engine/steps/chunk-shard.js';
import { embedShard } from '../../../../engine/steps/embed-shard.js';
import { findDuplicates } from '../../../../engine/steps/find-duplicates.js';
import { foldShards } from '../../../../engine/steps/fold-shards.js';
import { scanShard } from '../../../../engine/steps/scan-shard.js';
import { computeProbe, writeManifest } from '../../../../engine/steps/write-manifest.js';
import type { StoreOpener } from '../../../../engine/store/store-cache.js';
import { documents, testJob, writeCorpus } from '../../../support/test-job.js';
import { startVersion, testProcess, testRun } from '../../../support/test-tools.js';

/** The number of shards of a group. A job folds only versions of many more shards than these. */
const GROUP_SIZE = 2;

/** Writes a corpus of five shards, of which the last repeats an id of the first. */
export function writeFoldedCorpus(folder: string): void {
  for (const name of ['a', 'b', 'c', 'd'])
    writeCorpus(folder, { [`${name}.jsonl`]: documents(12, 20, name) });
  writeCorpus(folder, { 'e.jsonl': [{ _id: 'a-3', text: 'repeats an id' }, ...documents(12, 20, 'e')] });
}

export function foldedJob(folder: string, output: string): JobRecord {
  return testJob(folder, { output: `./${output}`, shard_bytes: 1000, limits: { reject_share: 1 } });
}

/** Takes a job through its steps, with ids and commits folded in small groups. */
export async function makeFoldedVersion(job: JobRecord, store: StoreOpener): Promise<void> {
  const process = testProcess({ store });
  const { tools } = process;
  const run = testRun();
  const version = await startVersion(process, job);
  const shards = (await version.plan()).map(({ shard }) => shard);
  const fold = async (kind: FoldKind) => {
    for (const group of shardGroups(shards.length, GROUP_SIZE))
      await foldShards(version, { kind, group }, run);
  };
  for (const shard of shards) await scanShard(tools, version, shard, run);
  await fold('ids');
  const found = await findDuplicates(version, ALL_BUCKETS, run, GROUP_SIZE);
  const duplicates = found > 0 ? [ALL_BUCKETS] : [];
  for (const shard of shards) {
    await chunkShard(tools, version, { shard, duplicates }, run);
    await embedShard(tools, version, shard, run);
  }
  await computeProbe(tools, version);
  await fold('commits');
  await writeManifest(version, { startedAt: 1000, finishedAt: 2000 }, run, { groupSize: GROUP_SIZE });
}
