import type { ChunkPartFile, PartFile, VectorPartFile } from './part.js';
import type { RejectCounts } from './reject-counts.js';
import type { ValueRanges } from './value-ranges.js';

/** A shard's create-once record; the parts it lists are the ones that count. */
export interface ShardCommit {
  formatVersion: 1;
  shard: number;
  /** Names the attempt that wrote it, so that a lost response can be told from a lost race. */
  attempt: string;
  fingerprint: string;
  inputs: readonly { uri: string; etag: string; start: number; end: number }[];
  documents: number;
  chunks: number;
  tokens: number;
  truncated: number;
  rejects: RejectCounts;
  chunkParts: readonly ChunkPartFile[];
  vectorParts: readonly VectorPartFile[];
  rejectFile: PartFileRef | null;
}

/** A file without rows of its own numbering. */
export type PartFileRef = Pick<PartFile, 'key' | 'sha256' | 'bytes'>;

/** What a shard's chunking left behind, listed in `_parts.json`. */
export interface ChunkedShard {
  formatVersion: 1;
  shard: number;
  documents: number;
  chunks: number;
  tokens: number;
  truncated: number;
  rejects: RejectCounts;
  parts: readonly ChunkPartFile[];
  rejectFile: PartFileRef | null;
}

/**
 * What a shard's embedding left behind where vectors wait for the version's ranges, listed in
 * `float32/…/_parts.json`.
 */
export interface EmbeddedShard {
  formatVersion: 1;
  shard: number;
  /** Of the shard's rows; absent where it has none. */
  ranges?: ValueRanges | undefined;
  parts: readonly VectorPartFile[];
}

/** What `ranges.json` holds: the ranges that every row of the version shares. */
export interface RangesRecord {
  formatVersion: 1;
  /** Absent where the version has no rows. */
  ranges?: ValueRanges | undefined;
}

export type CommitDecision = 'mine' | 'adopted' | 'conflict';

/**
 * Whose commit stands after a create-once write was refused: mine whose response was lost, another
 * attempt's that says the same, or one that contradicts mine. Vector bytes may differ between
 * attempts that both computed a part, but never the rows, so contradiction is judged on rows and
 * inputs.
 */
export function decideCommit(mine: ShardCommit, standing: ShardCommit): CommitDecision {
  if (standing.attempt === mine.attempt) return 'mine';
  return sameRows(mine, standing) ? 'adopted' : 'conflict';
}

function sameRows(a: ShardCommit, b: ShardCommit): boolean {
  return (
    a.shard === b.shard &&
    a.fingerprint === b.fingerprint &&
    a.documents === b.documents &&
    a.chunks === b.chunks &&
    sameInputs(a.inputs, b.inputs) &&
    sameRanges(a.vectorParts, b.vectorParts)
  );
}

function sameInputs(a: ShardCommit['inputs'], b: ShardCommit['inputs']): boolean {
  const key = (input: ShardCommit['inputs'][number]) =>
    `${input.uri}\n${input.etag}\n${input.start}-${input.end}`;
  return a.length === b.length && a.every((input, index) => key(input) === key(b[index]!));
}

function sameRanges(a: readonly VectorPartFile[], b: readonly VectorPartFile[]): boolean {
  return (
    a.length === b.length &&
    a.every((part, index) => part.start === b[index]!.start && part.end === b[index]!.end)
  );
}
