import type { ClippedValues } from './clipped-values.js';
import type { ChunkPartFile, PartFile, VectorPartFile } from './part.js';
import type { RejectCounts } from './reject-counts.js';
import type { ReusedRows } from './reused-rows.js';
import type { SliceCounts } from './slice-entry.js';
import type { ValueRanges } from './value-ranges.js';

/** A shard's create-once record. The parts that it lists are the ones that count. */
export interface ShardCommit {
  formatVersion: 1;
  shard: number;
  /**
   * Names the attempt that wrote the record, so that a lost response can be told from a lost race.
   */
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
  /** The rows whose vectors were not computed for them. Absent where all were computed. */
  reused?: ReusedRows | undefined;
  /**
   * The values outside the ranges of the version whose rows are carried over. Absent where there
   * are none.
   */
  clipped?: ClippedValues | undefined;
  /** The facts about the shard's documents. Absent in commits of releases that noted none. */
  corpus?: ShardCorpus | undefined;
}

/** A file whose rows are not numbered. */
export type PartFileRef = Pick<PartFile, 'key' | 'sha256' | 'bytes'>;

/** The result of chunking a shard, as `_parts.json` lists it. */
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
  /** As in the commit. */
  corpus?: ShardCorpus | undefined;
}

/** The facts about a shard's part of the corpus, which the next version is compared with. */
export interface ShardCorpus {
  /** The file of the shard's documents; see `engine/steps/document-file.ts`. */
  documents: PartFileRef;
  /**
   * The file of the texts of its chunks; see `engine/steps/text-file.ts`. Absent in records of
   * releases that wrote none.
   */
  texts?: PartFileRef | undefined;
  /** The counts of each slice of the shard, in the order of the plan. */
  slices: readonly SliceCounts[];
  longest: LongestValues;
  /** The Unicode data by which the documents were cut, such as `unicode 15.1, icu 74.2`. */
  unicode: string;
}

/** The greatest lengths in UTF-8, in bytes, which databases ask for. */
export interface LongestValues {
  id: number;
  text: number;
  metadata: number;
}

export const NO_VALUES: LongestValues = { id: 0, text: 0, metadata: 0 };

/** Returns the greatest lengths of two sets of values. */
export function longestOf(a: LongestValues, b: LongestValues): LongestValues {
  return {
    id: Math.max(a.id, b.id),
    text: Math.max(a.text, b.text),
    metadata: Math.max(a.metadata, b.metadata),
  };
}

/**
 * The result of embedding a shard whose vectors wait for the ranges of the version, as
 * `float32/…/_parts.json` lists it.
 */
export interface EmbeddedShard {
  formatVersion: 1;
  shard: number;
  /** The ranges of the shard's rows. Absent where the shard has no rows. */
  ranges?: ValueRanges | undefined;
  parts: readonly VectorPartFile[];
  /** As in the commit. */
  reused?: ReusedRows | undefined;
}

/** The content of `ranges.json`: the ranges that all rows of the version share. */
export interface RangesRecord {
  formatVersion: 1;
  /** Absent where the version has no rows. */
  ranges?: ValueRanges | undefined;
}

export type CommitDecision = 'mine' | 'adopted' | 'conflict';

/**
 * Decides what the existing commit is after a create-once write was refused: this attempt's own
 * commit, whose response was lost; another attempt's commit that says the same; or a commit that
 * contradicts this one. Two attempts that both computed a part may have got different vector bytes,
 * but never different rows, so a contradiction is judged by rows and inputs.
 */
export function decideCommit(mine: ShardCommit, existing: ShardCommit): CommitDecision {
  if (existing.attempt === mine.attempt) return 'mine';
  return sameRows(mine, existing) ? 'adopted' : 'conflict';
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
