import type { BuildValues } from './build-layout.js';

/** What the threads of a build work on. */
export interface BuildPlaces {
  memory: WebAssembly.Memory;
  /** One a thread; each takes the next that nobody has. */
  values: readonly BuildValues[];
  /** The address of the number of those that are taken, i32. */
  claimed: number;
}

/** What one thread of a build is asked to do. */
export interface BuildTask {
  places: BuildPlaces;
  work: BuildWork;
}

export type BuildWork =
  | { kind: 'open' }
  /** Adds rows side by side with the other threads, from the next one to `end`. */
  | { kind: 'add'; end: number }
  /** Adds these rows once more, one after the other. */
  | { kind: 'again'; slots: Int32Array }
  /** Looks for the rows near to these. */
  | { kind: 'near'; slots: Int32Array; k: number };

/** Of `near`: for each row up to `k` slots, nearest first. */
export type BuildReply = readonly Int32Array[];
