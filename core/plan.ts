/**
 * A contiguous piece of one input object. `start` is inclusive, `end` exclusive. Both count bytes
 * of the stored object, except for Parquet, where they count row groups. A slice owns the records
 * that *begin* in it.
 */
export interface Slice {
  uri: string;
  /**
   * The object's entity tag when the job was planned. If it is different at reading time, the error
   * is INPUT_CHANGED.
   */
  etag: string;
  /** Size of the whole object, in bytes. */
  objectBytes: number;
  start: number;
  end: number;
  /** The number of bytes of the stored object that this slice covers. */
  bytes: number;
  /** A guess from the size, which serves for the ETA before the scan has counted. */
  estimatedRows: number;
}

/** The unit of scheduling: one object, a range of one, or a run of small ones. */
export interface Shard {
  /**
   * The number of the shard. The shards that a version adds are numbered without gaps, from 0 or
   * from the number that follows those of its parent.
   */
  shard: number;
  slices: readonly Slice[];
}

/** Returns the shard of a plan by its number, which must be one of the plan's. */
export function shardOf(plan: readonly Shard[], shard: number): Shard {
  return plan[shard - (plan[0]?.shard ?? 0)]!;
}

/**
 * Returns the input that some shards cover together: the number of distinct objects, and the bytes
 * of stored input.
 */
export function inputTotals(shards: readonly Shard[]): { objects: number; bytes: number } {
  return sliceTotals(shards.flatMap((shard) => shard.slices));
}

/** Returns the same of some slices. */
export function sliceTotals(slices: readonly Pick<Slice, 'uri' | 'bytes'>[]): ReturnType<typeof inputTotals> {
  return {
    objects: new Set(slices.map(({ uri }) => uri)).size,
    bytes: slices.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/**
 * The places where an object may be cut: before any record (a byte range then owns the records that
 * begin in it), between the listed row groups, or nowhere.
 */
export type Divisibility =
  | { unit: 'byte' }
  | { unit: 'row-group'; groups: readonly { bytes: number; rows: number }[] }
  | { unit: 'object' };

/** An input object as planning sees it. */
export interface InputObject {
  uri: string;
  etag: string;
  /** Size in bytes. */
  bytes: number;
  divisible: Divisibility;
  /**
   * The stored bytes that one record is expected to take. It is not used where row groups say how
   * many rows they hold.
   */
  bytesPerRow: number;
}

export const INPUT_FORMATS = ['jsonl', 'parquet', 'csv', 'tsv', 'squad', 'text'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];
