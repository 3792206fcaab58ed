import type { BucketRange } from '../../core/buckets.js';
import type { RejectCounts } from '../../core/reject-counts.js';
import type { ShardGroup } from '../../core/shard-groups.js';
import type { ObjectStore } from '../store/object-store.js';
import type { OpenVersion } from '../version/open-version.js';
import {
  type BucketFileKind,
  type BucketHeader,
  type BucketIndex,
  damaged,
  readBucketIndex,
  readBuckets,
} from './bucket-file.js';
import { HASH_BYTES, type IdRecord } from './id-file.js';

/**
 * The ids of some shards, within each bucket by shard and ordinal. A record has the hash, and the
 * shard and the ordinal as uint32. Later editions may add to a record: its length is in the header.
 */
export const FOLDED_ID_FILE: BucketFileKind = {
  magic: 'VMIDF001',
  name: 'file of folded ids',
  recordBytes: HASH_BYTES + 8,
};

/** The header of a file of the ids of some shards of a group. */
export interface FoldedIdHeader extends BucketHeader {
  /** The shards whose ids the file holds, by their places in the plan. */
  shards: ShardGroup;
  documents: number;
  rejects: RejectCounts;
  recordBytes: number;
}

/** The beginning of one of a group's files of folded ids. */
export type FoldedIds = BucketIndex<FoldedIdHeader>;

/** Reads the beginnings of a group's files of folded ids, in corpus order. Errors: FILE_DAMAGED. */
export async function foldedIdsOfGroup(
  { store, layout }: OpenVersion,
  group: ShardGroup,
): Promise<FoldedIds[]> {
  const files: FoldedIds[] = [];
  for (let next = group.from; next < group.to; next = files.at(-1)!.header.shards.to)
    files.push(await readFoldedIndex(store, layout.foldedIds(group, files.length), { next, group }));
  return files;
}

/** Reads a header, which says with which shard the next file goes on. Errors: FILE_DAMAGED. */
export async function readFoldedIndex(
  store: ObjectStore,
  key: string,
  { next, group }: { next: number; group: ShardGroup },
): Promise<FoldedIds> {
  const index = await readBucketIndex<FoldedIdHeader>(store, key, FOLDED_ID_FILE);
  const { from, to } = index.header.shards ?? {};
  if (from !== next || !Number.isInteger(to) || to <= next || to > group.to)
    throw damaged(store, key, FOLDED_ID_FILE);
  return index;
}

/**
 * Reads the ids of a range of buckets, in corpus order within each bucket. Errors: FILE_DAMAGED.
 */
export async function readFoldedIds(
  store: ObjectStore,
  index: BucketIndex<BucketHeader>,
  range: BucketRange,
): Promise<IdRecord[]> {
  const records = await readBuckets(store, index, range, FOLDED_ID_FILE);
  return Array.from({ length: records.length / index.recordBytes }, (_, row) => {
    const at = row * index.recordBytes;
    return {
      hash: records.toString('latin1', at, at + HASH_BYTES),
      shard: records.readUInt32LE(at + HASH_BYTES),
      ordinal: records.readUInt32LE(at + HASH_BYTES + 4),
    };
  });
}
