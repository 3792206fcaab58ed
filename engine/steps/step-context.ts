import type { CompactionPlan } from '../../core/compaction/plan-compaction.js';
import type { JobRecord } from '../../core/job-spec.js';
import type { ActivityPosition } from '../../core/progress.js';
import type { PinOwner } from '../../core/retention/pin.js';
import type { Embedder } from '../model/embedder.js';
import type { StoreOpener } from '../store/store-cache.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** An event in the life of a part. The log thus records which work was done twice. */
export type PartEvent = {
  event: 'part.started' | 'part.written' | 'part.adopted';
  stage: 'chunk' | 'embed' | 'quantise';
  dataset: string;
  version: string;
  shard: number;
  start: number;
  end: number;
  ms?: number;
};

/** Lets one part be computed at a time in a process, so that a crash costs one part. */
export interface PartGate {
  /**
   * Waits for the caller's turn, and resolves to a function that ends the turn. Calling that
   * function again does nothing. Its promise resolves once the sessions have work again, or at once
   * if no other caller waits for a turn to give them work.
   */
  acquire(stage: PartEvent['stage']): Promise<() => Promise<void>>;
}

/**
 * The tools that a worker process has and that every step may use. Steps know nothing of what
 * executes them.
 */
export interface StepTools {
  openStore: StoreOpener;
  /** Lends the job's model for the time of `use`. It may be unloaded afterwards. */
  withEmbedder<T>(job: JobRecord, use: (embedder: Embedder) => Promise<T>): Promise<T>;
  tokenizerOf(job: JobRecord): Promise<Tokenizer>;
  partGate: PartGate;
  logPart(event: PartEvent): void;
  /** Chooses which parts of a night are joined. Absent but in tests. */
  planCompaction?: CompactionPlan;
}

/** The values that belong to one execution of a step. */
export interface StepRun {
  /** Distinguishes this execution from all other attempts at the same work. */
  attempt: string;
  /** Names the workflow or the process whose work it is. */
  owner: PinOwner;
  /** Aborting it makes the step finish the current part and then stop with CANCELLED. */
  signal: AbortSignal;
  /** The position that the previous attempt reported last. */
  before?: ActivityPosition | undefined;
  onPosition(position: ActivityPosition): void;
}
