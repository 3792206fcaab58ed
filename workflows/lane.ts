import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BucketRange } from '../core/buckets.js';
import type { VersionLocation } from '../core/job-spec.js';
import { addTotals, type ShardTotals } from '../core/progress.js';
import type { EmbedQueue } from '../core/queues.js';
import { type LaneFailure, type LaneProgress, QUERIES, SIGNALS } from '../core/workflow-api.js';
import { chunkCpu, embedOn } from './activity-proxies.js';

/** Events at which a lane starts afresh, far below the server's warning at 10,240. */
const HISTORY_LIMIT = 5000;

export interface LaneInput {
  location: VersionLocation;
  stage: 'scan' | 'embed' | 'quantise';
  /** This lane takes every `step`-th shard from `next` on, below `shards`. */
  next: number;
  step: number;
  shards: number;
  /** Shards in flight at once. */
  window: number;
  /** Which workers compute the model; undefined: those of `embed-cpu`. */
  queue?: EmbedQueue | undefined;
  duplicates: readonly BucketRange[];
  paused: boolean;
  totals: ShardTotals;
}

/**
 * Takes its share of the shards through one stage with a sliding window. After a failure, its own or another lane's, it
 * starts no further shard and has those in flight put away the part in hand and stop, whether they compute or wait for another
 * attempt; its own first failure is the one it fails with.
 */
export async function lane(input: LaneInput): Promise<ShardTotals> {
  let { paused, totals } = input;
  let windingDown = false;
  let stopsInFlight = false;
  const inFlight = new Map<number, CancellationScope>();
  const failures: unknown[] = [];
  const isEnding = () => windingDown || failures.length > 0;

  setHandler(defineQuery<LaneProgress>(QUERIES.laneProgress), () => ({
    totals,
    inFlight: [...inFlight.keys()],
    failure: describeFailure(failures.find((failure) => !isCancellation(failure))),
  }));
  // A job that fails already would only lose time, and a shard that waits for another attempt might wait for ever.
  const stopInFlight = (): void => {
    if (!patched('stop-at-failure')) return;
    stopsInFlight = true;
    for (const scope of inFlight.values()) scope.cancel();
  };
  setHandler(defineSignal(SIGNALS.resume), () => {
    paused = false;
  });
  setHandler(defineSignal(SIGNALS.pause), () => {
    paused = true;
    for (const scope of inFlight.values()) scope.cancel();
  });
  setHandler(defineSignal(SIGNALS.windDown), () => {
    windingDown = true;
    stopInFlight();
  });

  const takeThrough = async (shard: number): Promise<ShardTotals> => {
    for (;;) {
      const scope = new CancellationScope();
      inFlight.set(shard, scope);
      try {
        return await scope.run(() => takeShard(input, shard));
      } catch (error) {
        if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
        // A pause cancelled it: its finished parts are on storage, and it goes on from there.
        await condition(() => !paused || isEnding());
        if (isEnding()) throw error;
      }
    }
  };

  const start = (shard: number): void => {
    takeThrough(shard)
      .then((added) => {
        totals = addTotals(totals, added);
      })
      .catch((error: unknown) => {
        failures.push(error);
        if (!isCancellation(error)) stopInFlight();
      })
      .finally(() => inFlight.delete(shard));
  };

  let shard = input.next;
  try {
    while (shard < input.shards && !isEnding() && workflowInfo().historyLength < HISTORY_LIMIT) {
      await condition(() => isEnding() || (!paused && inFlight.size < input.window));
      if (isEnding()) break;
      start(shard);
      shard += input.step;
    }
  } finally {
    await CancellationScope.nonCancellable(() => condition(() => inFlight.size === 0));
  }
  const failure = failures.find((found) => !isCancellation(found));
  // What was stopped because another lane failed is no failure of this one.
  if (failure === undefined && windingDown && stopsInFlight) return totals;
  if (failures.length > 0) throw failure ?? failures[0];
  if (shard >= input.shards || windingDown) return totals;
  // A new run would not know that this one was cancelled.
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the lane was cancelled');
  return continueAsNew<typeof lane>({ ...input, next: shard, paused, totals });
}

async function takeShard(
  { location, stage, duplicates, queue }: LaneInput,
  shard: number,
): Promise<ShardTotals> {
  if (stage === 'quantise') return chunkCpu.quantiseShard(location, shard);
  if (stage === 'scan') return chunkCpu.scanShard(location, shard);
  // A worker of an older release returns nothing.
  const chunked = (await chunkCpu.chunkShard(location, shard, duplicates)) as
    | { retries: number }
    | null
    | undefined;
  const embedded = await embedOn[queue ?? 'embed-cpu'].embedShard(location, shard);
  return chunked?.retries ? { ...embedded, retries: (embedded.retries ?? 0) + chunked.retries } : embedded;
}

function describeFailure(failure: unknown): LaneFailure | undefined {
  if (!(failure instanceof ActivityFailure) || !(failure.cause instanceof ApplicationFailure))
    return undefined;
  const { type, message, details } = failure.cause;
  const [{ worker } = {}] = (details ?? []) as { worker?: string }[];
  return { code: type ?? 'INTERNAL', message, worker };
}
