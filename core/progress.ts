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
  return {
    shards: left.shards + right.shards,
    bytes: left.bytes + right.bytes,
    documents: left.documents + right.documents,
    chunks: left.chunks + right.chunks,
    tokens: left.tokens + right.tokens,
    rejects: addRejects(left.rejects, right.rejects),
    ...(longRows && { longRows }),
  };
}

/** What a running activity tells with its heartbeat. A position, never a truth: the parts on storage are that. */
export interface ActivityPosition {
  stage: 'scan' | 'chunk' | 'embed' | 'quantise' | 'index';
  shard: number;
  /** Rows done in this attempt or found done by it. */
  rows: number;
  /** All rows of the shard, where known. */
  rowsTotal?: number;
  tokens: number;
}

/** One observation of a job. */
export interface ProgressSample {
  /** ms, from any fixed origin. */
  at: number;
  chunks: number;
  tokens: number;
  /** Share of the stage's work that is done, 0 to 1. */
  share: number;
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
    etaMs: sharePerSecond > 0 ? ((1 - last.share) / sharePerSecond) * 1000 : undefined,
  };
}
