import type { RecordPosition } from './document.js';
import type { Slice } from './plan.js';

/** The counts of one slice of a corpus. */
export interface SliceCounts {
  /** The number of documents that have chunks. */
  documents: number;
  /** The number of quarantined records. */
  rejects: number;
  /** The unit in which the positions of its records are given. */
  unit: RecordPosition['unit'];
}

/** The facts that a version knows about one slice of its corpus. */
export interface SliceEntry extends Slice, SliceCounts {
  /** The shard that the slice was read for, in the version that read it. */
  shard: number;
}
