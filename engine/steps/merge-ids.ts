import { BUCKETS, type BucketRange } from '../../core/buckets.js';
import { GROUPS_A_MERGE, IDS_A_FOLD, type ShardGroup, shardGroups } from '../../core/shard-groups.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { throwIfStopped } from '../concurrency/stop.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { readOnce } from '../version/read-once.js';
import {
  BucketFileWriter,
  type BucketHeader,
  type BucketIndex,
  BucketStream,
  damaged,
  readBucketIndex,
} from './bucket-file.js';
import { FOLDED_ID_FILE, type FoldedIds, foldedIdsOfGroup } from './folded-id-file.js';
import type { StepRun } from './step-context.js';

const CONCURRENT_READS = 16;

/** The groups of shards whose folded ids are merged. */
export interface MergeWork {
  /** All shards of these groups. */
  group: ShardGroup;
  /** The number of shards of each group but the last, which may have fewer. */
  groupSize: number;
}

/** The header of a file of merged ids, of which each holds some buckets of the same shards. */
interface MergedHeader extends BucketHeader {
  shards: ShardGroup;
  buckets: BucketRange;
  recordBytes: number;
}

/**
 * Merges the folded ids of several groups into files of `idsAFold` ids at most, or of one bucket.
 * Each folded file is read once, from its beginning to its end. The files are create-once, and
 * another attempt goes on after those that it finds. Memory holds the ids of one file.
 * Errors: FILE_DAMAGED.
 */
export async function mergeIds(
  version: OpenVersion,
  { group, groupSize }: MergeWork,
  run: StepRun,
  idsAFold: number = IDS_A_FOLD,
): Promise<void> {
  const { store, layout } = version;
  const folds = await foldedIdsIn(version, group, groupSize);
  if (folds.length < 2) return;
  const streams = folds.map((fold) => new BucketStream(store, fold, FOLDED_ID_FILE));
  try {
    let next = 0;
    for (let number = 0; next < BUCKETS; number += 1) {
      throwIfStopped(run.signal);
      const key = layout.mergedIds(group, number);
      if (!(await store.head(key))) {
        const buckets = { from: next, to: endOfFile(folds, next, idsAFold) };
        await createOnce(store, key, await encodeMerge(folds, streams, { shards: group, buckets }));
      }
      // The file may be another attempt's.
      next = (await readMergedIndex(store, key, { next, group })).header.buckets.to;
      run.onPosition({ stage: 'scan', shard: 0, rows: idsBelow(folds, next), tokens: 0 });
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
  }
}

/**
 * Returns the files of the ids of all groups of `groupSize` shards, in corpus order within each
 * bucket. They are the merged ones where these are complete, and else the folded ones. Their
 * headers are read once for all ranges.
 */
export function foldedIdsOf(
  version: OpenVersion,
  groupSize: number,
): Promise<readonly BucketIndex<BucketHeader>[]> {
  return readOnce(version, `folded ids of ${groupSize}`, async () => {
    const { length } = await version.plan();
    const groups = shardGroups(length, GROUPS_A_MERGE * groupSize);
    if (groups.length < 2) return foldedIdsIn(version, { from: 0, to: length }, groupSize);
    const files = await mapConcurrently(
      groups,
      CONCURRENT_READS,
      async (group) => (await mergedIdsOf(version, group)) ?? foldedIdsIn(version, group, groupSize),
    );
    return files.flat();
  });
}

/** Returns the files of folded ids of groups of `groupSize` shards. */
async function foldedIdsIn(
  version: OpenVersion,
  { from, to }: ShardGroup,
  groupSize: number,
): Promise<FoldedIds[]> {
  const groups = shardGroups(to - from, groupSize).map((group) => ({
    from: from + group.from,
    to: from + group.to,
  }));
  const files = await mapConcurrently(groups, CONCURRENT_READS, (group) => foldedIdsOfGroup(version, group));
  return files.flat();
}

/**
 * Returns the files of merged ids of some shards. Returns undefined where they are not complete,
 * because nothing was merged, or only by a process that has ended.
 */
async function mergedIdsOf(
  { store, layout }: OpenVersion,
  group: ShardGroup,
): Promise<BucketIndex<MergedHeader>[] | undefined> {
  const files: BucketIndex<MergedHeader>[] = [];
  for (let next = 0; next < BUCKETS; next = files.at(-1)!.header.buckets.to) {
    const key = layout.mergedIds(group, files.length);
    if (!(await store.head(key))) return undefined;
    files.push(await readMergedIndex(store, key, { next, group }));
  }
  return files;
}

/** Reads a header, which says with which bucket the next file goes on. */
async function readMergedIndex(
  store: ObjectStore,
  key: string,
  { next, group }: { next: number; group: ShardGroup },
): Promise<BucketIndex<MergedHeader>> {
  const index = await readBucketIndex<MergedHeader>(store, key, FOLDED_ID_FILE);
  const { shards, buckets } = index.header;
  const isNext = buckets?.from === next && buckets.to > next && buckets.to <= BUCKETS;
  if (!isNext || !Number.isInteger(buckets.to) || shards?.from !== group.from || shards.to !== group.to)
    throw damaged(store, key, FOLDED_ID_FILE);
  return index;
}

/** Returns the bucket before which a file ends that begins with the bucket `from`. */
function endOfFile(folds: readonly FoldedIds[], from: number, idsAFold: number): number {
  const start = idsBelow(folds, from);
  let to = from + 1;
  while (to < BUCKETS && idsBelow(folds, to + 1) - start <= idsAFold) to += 1;
  return to;
}

/** Returns the number of ids in the buckets before `end`. */
function idsBelow(folds: readonly FoldedIds[], end: number): number {
  const counts = folds.flatMap(({ header }) => header.counts.slice(0, end));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function encodeMerge(
  folds: readonly FoldedIds[],
  streams: readonly BucketStream[],
  { shards, buckets }: Pick<MergedHeader, 'shards' | 'buckets'>,
): Promise<Uint8Array> {
  const { recordBytes } = FOLDED_ID_FILE;
  const { from, to } = buckets;
  const counts = Array.from({ length: BUCKETS }, (_, bucket) =>
    bucket < from || bucket >= to ? 0 : folds.reduce((sum, { header }) => sum + header.counts[bucket]!, 0),
  );
  const header: MergedHeader = { shards, buckets, counts, recordBytes };
  const file = new BucketFileWriter(FOLDED_ID_FILE, header);
  // One after the other, so that memory holds the records of one folded file beside those merged.
  for (const [place, stream] of streams.entries()) {
    const records = await stream.take(buckets);
    // A record of a later edition may be longer.
    const step = folds[place]!.recordBytes;
    for (let at = 0; at < records.length; at += step)
      records.copy(file.bytes, file.place(records[at]!), at, at + recordBytes);
  }
  return file.bytes;
}
