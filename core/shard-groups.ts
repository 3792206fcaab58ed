/** The shards `[from, to)` of a plan, by their places in it. */
export interface ShardGroup {
  from: number;
  to: number;
}

/**
 * The kind of what is folded. Ids are folded for the search for duplicates, ranges for those of the
 * version, and commits for the manifest.
 */
export type FoldKind = 'ids' | 'ranges' | 'commits';

/** The number of ids in a folded id file, at 24 bytes each. */
export const IDS_A_FOLD = 2_000_000;

/**
 * The number of groups whose folded ids are merged. Every range of ids is then read from a few
 * places, of which there are no more than one for so many groups.
 */
export const GROUPS_A_MERGE = 16;

/** A group of records is read within seconds, and folding begins again with it after a crash. */
const RECORDS_A_FOLD = 256;

/** A larger number of groups would make the history of a workflow too long. */
const MOST_RECORD_FOLDS = 1000;

/** Cuts the shards of a plan into groups of `size`, of which the last may have fewer. */
export function shardGroups(shards: number, size: number): ShardGroup[] {
  return Array.from({ length: Math.ceil(shards / size) }, (_, group) => ({
    from: group * size,
    to: Math.min(shards, (group + 1) * size),
  }));
}

/**
 * Returns the number of shards whose ids are folded into one file of about `idsAFold` ids. Returns
 * undefined where folding saves no requests: in one range of buckets, for which each id file is
 * read once, and where a single shard has as many ids as a folded file.
 */
export function idGroupSize(
  { shards, ids, ranges }: { shards: number; ids: number; ranges: number },
  idsAFold: number = IDS_A_FOLD,
): number | undefined {
  if (ranges < 2) return undefined;
  const size = Math.min(shards, Math.floor((idsAFold * shards) / ids));
  return size < 2 ? undefined : size;
}

/**
 * Returns the number of shards whose folded ids are merged, in groups of `groupSize` shards.
 * Returns undefined where there are so few groups that a range of ids is read from each.
 */
export function idMergeSize(shards: number, groupSize: number): number | undefined {
  const size = GROUPS_A_MERGE * groupSize;
  return shards > size ? size : undefined;
}

/**
 * Returns the number of shards whose commits, or whose ranges, are folded into one file. Returns
 * undefined where one group would hold all of them.
 */
export function recordGroupSize(shards: number): number | undefined {
  const size = Math.max(RECORDS_A_FOLD, Math.ceil(shards / MOST_RECORD_FOLDS));
  return shards > size ? size : undefined;
}
