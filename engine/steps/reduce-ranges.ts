import type { EmbeddedShard, RangesRecord } from '../../core/commit.js';
import { mergeRanges, type ValueRanges } from '../../core/value-ranges.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { orFinishedMeanwhile } from './finished-meanwhile.js';
import type { StepRun } from './step-context.js';

const CONCURRENT_READS = 16;

/**
 * Merges the ranges of all shards into those of the version, once. Memory holds the ranges of a few
 * shards.
 */
export async function reduceRanges(version: OpenVersion, run: StepRun): Promise<void> {
  const { store, layout } = version;
  if (await store.head(layout.ranges)) return;
  // A version that is finished has its ranges.
  await orFinishedMeanwhile(
    version,
    () => mergeAllRanges(version, run),
    async () => {},
  );
}

async function mergeAllRanges(version: OpenVersion, run: StepRun): Promise<void> {
  const { store, layout } = version;
  const shards = await version.plan();
  let ranges: ValueRanges | undefined;
  for (let from = 0; from < shards.length; from += CONCURRENT_READS) {
    throwIfStopped(run.signal);
    const lists = await Promise.all(
      shards
        .slice(from, from + CONCURRENT_READS)
        .map(({ shard }) => readJsonRecord<EmbeddedShard>(store, layout.float32Parts(shard), 1)),
    );
    for (const list of lists) ranges = mergeRanges(ranges, list.ranges);
  }
  await createOnce(store, layout.ranges, encodeJson({ formatVersion: 1, ranges } satisfies RangesRecord));
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
