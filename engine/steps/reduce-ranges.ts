import type { EmbeddedShard, RangesRecord } from '../../core/commit.js';
import { type ShardGroup, shardGroups } from '../../core/shard-groups.js';
import { mergeRanges, type ValueRanges } from '../../core/value-ranges.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { carriedRanges } from './carry/carried-ranges.js';
import { orFinishedMeanwhile } from './finished-meanwhile.js';
import type { StepRun } from './step-context.js';

const CONCURRENT_READS = 16;

/**
 * Merges the ranges of all shards into those of the version, once. A version that carries rows over
 * has the ranges of its parent. `groupSize` is the number of
 * shards of a group whose ranges were folded; where it is undefined, each shard's own list is read.
 */
export async function reduceRanges(version: OpenVersion, run: StepRun, groupSize?: number): Promise<void> {
  const { layout, store } = version;
  const ranges = await carriedRanges(version);
  if (ranges) {
    await createOnce(store, layout.ranges, encodeJson({ formatVersion: 1, ranges } satisfies RangesRecord));
    return;
  }
  const shards = await version.plan();
  const keys =
    groupSize === undefined
      ? shards.map(({ shard }) => layout.float32Parts(shard))
      : shardGroups(shards.length, groupSize).map((group) => layout.foldedRanges(group));
  await mergeInto(version, layout.ranges, keys, run);
}

/**
 * Folds the ranges of a group of shards into one record, unless the version has its ranges or takes
 * those of its parent.
 */
export async function foldRanges(version: OpenVersion, group: ShardGroup, run: StepRun): Promise<void> {
  const { store, layout } = version;
  if ((await store.head(layout.ranges)) || (await carriedRanges(version))) return;
  const shards = (await version.plan()).slice(group.from, group.to);
  const keys = shards.map(({ shard }) => layout.float32Parts(shard));
  await mergeInto(version, layout.foldedRanges(group), keys, run);
}

/** Merges ranges into one create-once record. Memory holds those of a few records. */
async function mergeInto(
  version: OpenVersion,
  key: string,
  from: readonly string[],
  run: StepRun,
): Promise<void> {
  const { store } = version;
  if (await store.head(key)) return;
  // A version that is finished has its ranges.
  await orFinishedMeanwhile(
    version,
    async () => {
      let ranges: ValueRanges | undefined;
      await mapConcurrently(from, CONCURRENT_READS, async (source) => {
        throwIfStopped(run.signal);
        const record = await readJsonRecord<EmbeddedShard | RangesRecord>(store, source, 1);
        ranges = mergeRanges(ranges, record.ranges);
      });
      await createOnce(store, key, encodeJson({ formatVersion: 1, ranges } satisfies RangesRecord));
    },
    async () => {},
  );
}

/**
 * Removes the float32 parts and their lists once the version is readable without them, and also
 * what an earlier run left behind. It never does so before there is a manifest.
 */
export async function removeFloat32(version: OpenVersion, run: StepRun): Promise<void> {
  const { store, layout } = version;
  if (!(await store.head(layout.manifest))) return;
  let group: string[] = [];
  const removeGroup = async () => {
    throwIfStopped(run.signal);
    await Promise.all(group.map((key) => store.delete(key)));
    group = [];
  };
  for await (const { key } of store.list(layout.float32Prefix)) {
    group.push(key);
    if (group.length >= CONCURRENT_READS) await removeGroup();
  }
  await removeGroup();
}
