/** The number of buckets. Ids are grouped by the first byte of their hash. */
export const BUCKETS = 256;

/** The number of ids that one deduplication holds in memory, at about 100 bytes each. */
const IDS_PER_RUN = 1_000_000;

/** A range `[from, to)` of buckets. */
export interface BucketRange {
  from: number;
  to: number;
}

export const ALL_BUCKETS: BucketRange = { from: 0, to: BUCKETS };

/** Cuts the id space into ranges of about `idsPerRun` ids each, by default a million. */
export function bucketRanges(ids: number, idsPerRun: number = IDS_PER_RUN): BucketRange[] {
  const runs = Math.min(BUCKETS, Math.max(1, Math.ceil(ids / idsPerRun)));
  const bound = (run: number) => Math.floor((run * BUCKETS) / runs);
  return Array.from({ length: runs }, (_, run) => ({ from: bound(run), to: bound(run + 1) }));
}
