/** The numbers of what a version moved to joined parts. */
export interface CompactionCounts {
  /** The parts of which live rows were moved. */
  parts: number;
  /** The joined parts that were made of them. */
  joined: number;
  rows: number;
  /** Bytes of the chunk and vector files of the joined parts. */
  bytes: number;
}

export const NOTHING_COMPACTED: CompactionCounts = { parts: 0, joined: 0, rows: 0, bytes: 0 };
