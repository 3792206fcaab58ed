/**
 * A contiguous piece of one input object. `start` is inclusive, `end` exclusive; both count bytes of the stored
 * object, except for Parquet, where they count row groups. A slice owns the records that *begin* in it.
 */
export interface Slice {
  uri: string;
  /** The object's entity tag when the job was planned; a different one at reading time is INPUT_CHANGED. */
  etag: string;
  /** Size of the whole object, in bytes. */
  objectBytes: number;
  start: number;
  end: number;
  /** Bytes of the stored object that this slice covers. */
  bytes: number;
  /** A guess from the size, for the ETA before the scan has counted. */
  estimatedRows: number;
}

/** The unit of scheduling: one object, a range of one, or a run of small ones. */
export interface Shard {
  /** From 0, dense within a version. */
  shard: number;
  slices: readonly Slice[];
}

export const INPUT_FORMATS = ['jsonl', 'parquet', 'csv', 'tsv', 'squad', 'text'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/** Formats whose readers derive the id from the record's place, so that ids cannot repeat. */
export const FORMATS_WITH_UNIQUE_IDS: readonly InputFormat[] = ['squad', 'text'];
