import { addLongRows, type LongRows } from './long-rows.js';
import { addRejects, type RejectCounts } from './reject-counts.js';

/** Sums over finished shards. Lanes report them and carry them over when they continue as new. */
export interface ShardTotals {
  shards: number;
  /** Input bytes of those shards. */
  bytes: number;
  documents: number;
  chunks: number;
  tokens: number;
  rejects: RejectCounts;
  /** The long rows that a scan found. Absent where there are none. */
  longRows?: LongRows;
  /**
   * The chunks and tokens among these that an earlier run of the job had embedded. Absent where
   * there were none.
   */
  adopted?: EmbeddedCounts;
  /**
   * The number of attempts beyond the first that these shards took. Absent where there were none.
   */
  retries?: number;
}

export interface EmbeddedCounts {
  chunks: number;
  tokens: number;
}

export const NO_SHARD_TOTALS: ShardTotals = {
  shards: 0,
  bytes: 0,
  documents: 0,
  chunks: 0,
  tokens: 0,
  rejects: {},
};

export function addShardTotals(left: ShardTotals, right: ShardTotals): ShardTotals {
  const longRows = addLongRows(left.longRows, right.longRows);
  const adopted = addEmbedded(left.adopted, right.adopted);
  const retries = (left.retries ?? 0) + (right.retries ?? 0);
  return {
    shards: left.shards + right.shards,
    bytes: left.bytes + right.bytes,
    documents: left.documents + right.documents,
    chunks: left.chunks + right.chunks,
    tokens: left.tokens + right.tokens,
    rejects: addRejects(left.rejects, right.rejects),
    ...(longRows && { longRows }),
    ...(adopted && { adopted }),
    ...(retries > 0 && { retries }),
  };
}

function addEmbedded(
  left: EmbeddedCounts | undefined,
  right: EmbeddedCounts | undefined,
): EmbeddedCounts | undefined {
  if (!left || !right) return left ?? right;
  return { chunks: left.chunks + right.chunks, tokens: left.tokens + right.tokens };
}

/**
 * The position that a running activity reports with its heartbeat. It serves for display only; the
 * parts on storage are what counts.
 */
export interface ActivityPosition {
  stage: 'scan' | 'chunk' | 'embed' | 'quantise' | 'index';
  shard: number;
  /** The number of rows that this attempt has done or has found done. */
  rows: number;
  /** The number of rows of the shard, where it is known. */
  rowsTotal?: number;
  tokens: number;
  /** The rows and tokens among these that had vectors before the activity's first attempt. */
  adopted?: EmbeddedCounts;
}

/** One observation of a job. */
export interface ProgressSample {
  /** The time in ms, from any fixed origin. */
  at: number;
  /** The number of chunks that this run has embedded, without those that it found. */
  chunks: number;
  tokens: number;
  /** The fraction of the stage's work that this run has done, 0 to 1. */
  fraction: number;
  /**
   * The fraction of the work that is left. Absent where it is everything that this run has not
   * done.
   */
  left?: number;
}

export interface Rates {
  chunksPerSecond: number;
  tokensPerSecond: number;
  /** The time in ms until the stage is done at this rate. Undefined while nothing moves. */
  etaMs: number | undefined;
}

/** Returns the rates between the first sample and the last. */
export function ratesOver(samples: readonly ProgressSample[]): Rates {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at)
    return { chunksPerSecond: 0, tokensPerSecond: 0, etaMs: undefined };
  const seconds = (last.at - first.at) / 1000;
  const fractionPerSecond = (last.fraction - first.fraction) / seconds;
  return {
    chunksPerSecond: Math.max(0, last.chunks - first.chunks) / seconds,
    tokensPerSecond: Math.max(0, last.tokens - first.tokens) / seconds,
    etaMs: fractionPerSecond > 0 ? ((last.left ?? 1 - last.fraction) / fractionPerSecond) * 1000 : undefined,
  };
}
