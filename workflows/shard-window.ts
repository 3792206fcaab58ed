import {
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow';

/** Shards that are taken through one step by one run of a workflow. */
export interface ShardWindow {
  /** First shard that is not done. */
  from: number;
  shards: number;
  /** In flight at once. */
  width: number;
  /** Events at which no further shard is started. */
  historyLimit: number;
  /** Shards in flight; kept up to date. */
  inFlight: Set<number>;
  onDone(shard: number): void;
}

/**
 * Takes shards through a step with a sliding window, until all are done or the history is long. After a failure or a
 * cancellation it starts no further shard and stops those in flight; the first failure is the one it fails with.
 * Resolves to the first shard that was not started.
 */
export async function takeShards(
  { from, shards, width, historyLimit, inFlight, onDone }: ShardWindow,
  step: (shard: number) => Promise<void>,
): Promise<number> {
  const failures: unknown[] = [];
  const scopes = new Map<number, CancellationScope>();
  const start = (shard: number): void => {
    inFlight.add(shard);
    const scope = new CancellationScope();
    scopes.set(shard, scope);
    scope
      .run(() => step(shard))
      .then(() => onDone(shard))
      .catch((error: unknown) => {
        failures.push(error);
        // One that waits for another attempt might wait for ever.
        if (!isCancellation(error) && patched('stop-at-failure'))
          for (const own of scopes.values()) own.cancel();
      })
      .finally(() => {
        inFlight.delete(shard);
        scopes.delete(shard);
      });
  };
  let shard = from;
  try {
    // At least one, so that no run continues as new without having done anything.
    while (shard < shards && (shard === from || workflowInfo().historyLength < historyLimit)) {
      await condition(() => failures.length > 0 || inFlight.size < width);
      if (failures.length > 0) break;
      start(shard);
      shard += 1;
    }
  } finally {
    await CancellationScope.nonCancellable(() => condition(() => inFlight.size === 0));
  }
  if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
  // A run that continues this one would not know that it was cancelled.
  if (CancellationScope.current().consideredCancelled)
    throw new CancelledFailure('the workflow was cancelled');
  return shard;
}
