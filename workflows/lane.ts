import {
  ActivityFailure,
  ApplicationFailure,
  continueAsNew,
  defineQuery,
  defineSignal,
  setHandler,
} from '@temporalio/workflow';
import type { BucketRange } from '../core/buckets.js';
import { codeOfFailure, detailsOfFailure } from '../core/failure.js';
import type { VersionLocation } from '../core/job-spec.js';
import { addShardTotals, type ShardTotals } from '../core/progress.js';
import type { EmbedQueue } from '../core/queues.js';
import { type LaneFailure, type LaneProgress, QUERIES, SIGNALS } from '../core/workflow-api.js';
import { chunkCpu, embedOn } from './activity-proxies.js';
import { ShardWindow } from './shard-window.js';

export interface LaneInput {
  location: VersionLocation;
  stage: 'scan' | 'embed' | 'quantise';
  /** This lane takes every `step`-th shard below `shards`, from `next` on. */
  next: number;
  step: number;
  shards: number;
  /** The number of shards that may be in flight at once. */
  window: number;
  /** The queue of the workers that compute the model. Where it is undefined, it is `embed-cpu`. */
  queue?: EmbedQueue | undefined;
  duplicates: readonly BucketRange[];
  paused: boolean;
  totals: ShardTotals;
}

/**
 * Takes a part of the shards through one stage with a sliding window. After a failure, its own or
 * another lane's, it starts no further shard. Shards in flight, whether they compute or wait for
 * another attempt, store their current part and stop. The lane fails with its own first failure.
 */
export async function lane(input: LaneInput): Promise<ShardTotals> {
  let { totals } = input;
  const window = new ShardWindow({ isPaused: input.paused });
  setHandler(defineQuery<LaneProgress>(QUERIES.laneProgress), () => ({
    totals,
    inFlight: window.inFlight,
    failure: describeFailure(window.failure),
  }));
  setHandler(defineSignal(SIGNALS.resume), () => window.resume());
  setHandler(defineSignal(SIGNALS.pause), () => window.pause());
  setHandler(defineSignal(SIGNALS.windDown), () => window.windDown());
  const next = await window.take(
    { next: input.next, step: input.step, shards: input.shards, width: input.window },
    (shard) => takeShard(input, shard),
    (added) => {
      totals = addShardTotals(totals, added);
    },
  );
  if (next >= input.shards || window.isWindingDown) return totals;
  return continueAsNew<typeof lane>({ ...input, next, paused: window.isPaused, totals });
}

async function takeShard(
  { location, stage, duplicates, queue }: LaneInput,
  shard: number,
): Promise<ShardTotals> {
  if (stage === 'quantise') return chunkCpu.quantiseShard(location, shard);
  if (stage === 'scan') return chunkCpu.scanShard(location, shard);
  // Workers of older releases return nothing.
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
  const { cause } = failure;
  return {
    code: codeOfFailure(cause),
    message: cause.message,
    worker: detailsOfFailure(cause).worker,
  };
}
