import { addLongRows, type LongRows } from './long-rows.js';
import { addRejects, type RejectCounts } from './reject-counts.js';

/** Sums over finished shards; what lanes report and carry over when they continue as new. */
export interface ShardTotals {
  shards: number;
  /** Input bytes of those shards. */
  bytes: number;
  documents: number;
  chunks: number;
  tokens: number;
  rejects: RejectCounts;
  /** Of a scan; absent where there are none. */
  longRows?: LongRows;
  /**
   * Of the chunks and tokens, what an earlier run of the job had embedded; absent where that is
   * nothing.
   */
  adopted?: EmbeddedCounts;
  /** Attempts beyond the first that these shards took; absent where there was none. */
  retries?: number;
}

export interface EmbeddedCounts {
  chunks: number;
  tokens: number;
}

export const NO_TOTALS: ShardTotals = {
  shards: 0,
  bytes: 0,
  documents: 0,
  chunks: 0,
  tokens: 0,
  rejects: {},
};

export function addTotals(left: ShardTotals, right: ShardTotals): ShardTotals {
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
 * What a running activity tells with its heartbeat. A position, never a truth: the parts on storage
 * are that.
 */
export interface ActivityPosition {
  stage: 'scan' | 'chunk' | 'embed' | 'quantise' | 'index';
  shard: number;
  /** Rows done in this attempt or found done by it. */
  rows: number;
  /** All rows of the shard, where known. */
  rowsTotal?: number;
  tokens: number;
  /** Of the rows and tokens, those whose vectors stood before the activity's first attempt. */
  adopted?: EmbeddedCounts;
}

/** One observation of a job. */
export interface ProgressSample {
  /** ms, from any fixed origin. */
  at: number;
  /** What this run has embedded, without what it found. */
  chunks: number;
  tokens: number;
  /** Share of the stage's work that this run has done, 0 to 1. */
  share: number;
  /** Share that is left; absent: all that this run has not done. */
  left?: number;
}

export interface Rates {
  chunksPerSecond: number;
  tokensPerSecond: number;
  /** ms until the stage is done at this rate; undefined while nothing moved. */
  etaMs: number | undefined;
}

/** Rates over the samples' span: from the first to the last. */
export function ratesOver(samples: readonly ProgressSample[]): Rates {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at)
    return { chunksPerSecond: 0, tokensPerSecond: 0, etaMs: undefined };
  const seconds = (last.at - first.at) / 1000;
  const sharePerSecond = (last.share - first.share) / seconds;
  return {
    chunksPerSecond: Math.max(0, last.chunks - first.chunks) / seconds,
    tokensPerSecond: Math.max(0, last.tokens - first.tokens) / seconds,
    etaMs: sharePerSecond > 0 ? ((last.left ?? 1 - last.share) / sharePerSecond) * 1000 : undefined,
  };
}
