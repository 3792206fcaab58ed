import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  patched,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';

/**
 * The number of events at which a run continues as new. It is far below 10,240, where the server
 * warns.
 */
const HISTORY_LIMIT = 5000;

/** The range of shards that one run of a workflow takes through one step. */
export interface ShardRange {
  /** The first shard that has not been started yet. */
  next: number;
  /** The distance from one shard that is taken to the next. Where it is absent, it is 1. */
  step?: number;
  /** The end of the range: the number of the last shard, plus one. */
  shards: number;
  /** The number of shards that may be in flight at once. */
  width: number;
  /** The number of events at which no further shard is started. Where it is absent, it is 5,000. */
  historyLimit?: number | undefined;
  /**
   * Whether the history is measured after the wait for a free place, and not before it. Each
   * workflow keeps the order of its first release, so that its histories replay.
   */
  measuresAfterWait?: boolean;
}

/**
 * The sliding window in which a workflow takes its shards through a step. It holds the set of
 * shards in flight, so that a slow shard takes up one place only. After a failure or a cancellation
 * it starts no further shard, stops those in flight and waits until they have ended.
 */
export class ShardWindow {
  /** The scopes that cancel the shards in flight, in the order in which the shards were started. */
  readonly #scopes = new Map<number, CancellationScope>();
  readonly #failures: unknown[] = [];
  #isPaused: boolean;
  #isWindingDown = false;
  #hasStoppedShards = false;

  constructor({ isPaused = false }: { isPaused?: boolean } = {}) {
    this.#isPaused = isPaused;
  }

  get inFlight(): number[] {
    return [...this.#scopes.keys()];
  }

  /** The first failure of a shard that is not a cancellation. Undefined where there is none. */
  get failure(): unknown {
    return this.#failures.find((failure) => !isCancellation(failure));
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isWindingDown(): boolean {
    return this.#isWindingDown;
  }

  /**
   * Starts no further shard, and cancels those in flight until `resume`. They then continue from
   * their finished parts.
   */
  pause(): void {
    this.#isPaused = true;
    this.#cancelInFlight();
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** Starts no further shard and stops those in flight, because the job fails elsewhere. */
  windDown(): void {
    this.#isWindingDown = true;
    this.#stopInFlight();
  }

  /**
   * Takes the shards of `range` through `step`, until all are done or the history is long, and
   * hands each result to `onDone`. Resolves to the first shard that was not started, and rejects
   * with the first failure.
   */
  async take<T>(
    range: ShardRange,
    step: (shard: number) => Promise<T>,
    onDone: (result: T) => void,
  ): Promise<number> {
    const { next: first, step: stride = 1, shards, width, historyLimit = HISTORY_LIMIT } = range;
    let next = first;
    // At least one shard is started, so that no run continues as new without having done anything.
    const hasRoom = () => next === first || workflowInfo().historyLength < historyLimit;
    const hasPlace = () => this.#isEnding || (!this.#isPaused && this.#scopes.size < width);
    try {
      while (next < shards && !this.#isEnding && hasRoom()) {
        await condition(hasPlace);
        if (this.#isEnding) break;
        this.#start(next, step, onDone);
        next += stride;
        if (range.measuresAfterWait) await condition(hasPlace);
      }
    } finally {
      await CancellationScope.nonCancellable(() => condition(() => this.#scopes.size === 0));
    }
    const { failure } = this;
    // A shard that was stopped because the job fails elsewhere is not a failure of this workflow.
    if (failure === undefined && this.#isWindingDown && this.#hasStoppedShards) return next;
    if (this.#failures.length > 0) throw failure ?? this.#failures[0];
    // A run that continues this one would not know that it was cancelled.
    if (next < shards && !this.#isWindingDown && CancellationScope.current().consideredCancelled)
      throw new CancelledFailure('the workflow was cancelled');
    return next;
  }

  get #isEnding(): boolean {
    return this.#isWindingDown || this.#failures.length > 0;
  }

  #start<T>(shard: number, step: (shard: number) => Promise<T>, onDone: (result: T) => void): void {
    this.#takeThrough(shard, step)
      .then(onDone)
      .catch((error: unknown) => {
        this.#failures.push(error);
        if (!isCancellation(error)) this.#stopInFlight();
      })
      .finally(() => this.#scopes.delete(shard));
  }

  async #takeThrough<T>(shard: number, step: (shard: number) => Promise<T>): Promise<T> {
    for (;;) {
      const scope = new CancellationScope();
      this.#scopes.set(shard, scope);
      try {
        return await scope.run(() => step(shard));
      } catch (thrown) {
        const error = wasStopped(thrown, scope) ? new CancelledFailure('the shard was stopped') : thrown;
        if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
        // A pause cancelled the shard. Its finished parts are on storage, and it continues from
        // there.
        await condition(() => !this.#isPaused || this.#isEnding);
        if (this.#isEnding) throw error;
      }
    }
  }

  /**
   * Cancels the shards in flight, because the workflow will fail in any case. A shard that went on
   * would waste time, and one that waits for a retry might wait for ever.
   */
  #stopInFlight(): void {
    // Workflows that were started by earlier releases let these shards go on.
    if (!patched('stop-at-failure')) return;
    this.#hasStoppedShards = true;
    this.#cancelInFlight();
  }

  #cancelInFlight(): void {
    for (const scope of this.#scopes.values()) scope.cancel();
  }
}

/**
 * Returns whether a shard's activity was cancelled and its worker died before it could say so.
 * Temporal does not try such an activity again, and reports a timeout in place of the cancellation.
 */
function wasStopped(error: unknown, scope: CancellationScope): boolean {
  const isTimeout = error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
  // Workflows that were started by earlier releases failed with the timeout.
  return isTimeout && scope.consideredCancelled && patched('timeout-of-stopped-shard');
}
