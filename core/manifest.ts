import type { VersionChanges } from './carry/version-changes.js';
import { addClipped, type ClippedValues } from './clipped-values.js';
import type { LongestValues, PartFileRef, ShardCommit } from './commit.js';
import type { CompactionCounts } from './compaction/compaction-counts.js';
import type { JobRecord, JobSpec } from './job-spec.js';
import type { ModelSignature } from './model-signature.js';
import type { ChunkPartFile, VectorPartFile } from './part.js';
import type { EmbeddedCounts } from './progress.js';
import { type Cost, costOf } from './provider.js';
import { addRejects, type RejectCounts } from './reject-counts.js';
import { addReused, lentRows, NOTHING_REUSED, type ReusedRows, reusedCount } from './reused-rows.js';
import { storedBytes, type VectorEncoding } from './vector-precision.js';
import { VersionParts } from './version-parts.js';

/**
 * Fixed texts and their vectors, which any consumer can recompute to prove that it holds the same
 * model.
 */
export interface Probe {
  texts: readonly string[];
  /** `[texts, dimensions]` */
  vectors: readonly (readonly number[])[];
}

/** The content of `probe.json`. */
export type ProbeRecord = Probe & { formatVersion: 1 };

/**
 * Texts that use different rows of the vocabulary. A change to one of them changes the probe of
 * every later manifest.
 */
export const PROBE_TEXTS: readonly string[] = [
  'A mill turns grain into flour; this one turns text into vectors.',
  'Vector spaces 1 and 2 must never be mixed, not even once in 1,000,000 rows.',
  '磨坊把文字变成向量。',
];

/** The facts that a manifest of every format states about its version. */
export interface ManifestFields {
  dataset: string;
  version: string;
  parent: string | null;
  signature: ModelSignature;
  fingerprint: string;
  chunking: JobSpec['chunking'];
  totals: ManifestTotals;
  /** The cost of the vectors. Present only where a provider computed them. */
  cost?: Cost;
  /** Absent where every vector was computed. */
  reused?: ReusedTotals;
  /**
   * The values of the version's own vectors outside the ranges of its parent, under which they are
   * stored. Absent where there are none.
   */
  clipped?: ClippedValues;
  /** Absent where no rows were carried over, and in manifests of releases that counted nothing. */
  changes?: VersionChanges;
  /** Absent where no rows were moved. */
  compacted?: CompactionCounts;
  rejects: RejectCounts;
  /**
   * The encoding of the numbers in the vector files. Absent in manifests of releases that stored
   * float32 alone.
   */
  vectors?: VectorEncoding | undefined;
  /** The probe's vectors are always in float32. */
  probe: Probe;
  timings: ManifestTimings;
}

/**
 * The first format: the manifest itself lists the files, in row-key order. The n-th chunk file and
 * the n-th vector file hold the same rows, and all of them belong to the version.
 */
export interface FirstManifest extends ManifestFields {
  formatVersion: 1;
  chunkFiles: readonly ChunkPartFile[];
  vectorFiles: readonly VectorPartFile[];
  rejectFiles: readonly PartFileRef[];
}

/** The second format: the files are in lists of their own, which are Parquet files. */
export interface SecondManifest extends ManifestFields {
  formatVersion: 2;
  /** The versions below which the listed files lie. The lists name them by their places here. */
  origins: readonly string[];
  /**
   * The least number that no shard of this version or of the versions that it carries files of has
   * ever had. Row keys are thus never used twice.
   */
  nextShard: number;
  lists: ManifestLists;
}

/** The lists of a version. Each is in pieces, and each piece is one file. */
export interface ManifestLists {
  /** The parts in row-key order: their rows, which of these live, and their chunk files. */
  parts: readonly ListPiece[];
  /** The vector files of each output, by its name, in the order of the parts. */
  outputs: { dense: OutputList };
  /** The files of quarantined records. */
  rejects: readonly ListPiece[];
  /** Absent where shards were chunked by a release that noted nothing of their documents. */
  corpus?: CorpusLists;
}

/** The facts that a version knows about its corpus. */
export interface CorpusLists {
  longest: LongestValues;
  /** The Unicode data by which the documents were cut, each once, in code-unit order. */
  unicode: readonly string[];
  /** The slices in the order of the corpus. */
  slices: readonly ListPiece[];
  /** The documents by the hashes of their ids, which ascend. */
  documents: readonly ListPiece[];
  /**
   * Each text of the chunks once, by its hash in ascending order, with a row that has its vector.
   * Absent where shards were chunked by a release that noted no texts.
   */
  texts?: readonly ListPiece[] | undefined;
  /**
   * The other rows that have one of these texts, by text and row key, so that a later version in
   * which the row of `texts` has died knows another one. Absent in manifests of releases that noted
   * none.
   */
  repeats?: readonly ListPiece[] | undefined;
}

/** The vector files of one output. */
export interface OutputList {
  fingerprint: string;
  pieces: readonly ListPiece[];
}

/** A file that holds a piece of a list. */
export interface ListPiece extends PartFileRef {
  /** The number of entries that the piece lists. */
  rows: number;
}

/** The create-once record that makes a version readable. */
export type Manifest = FirstManifest | SecondManifest;

export interface ManifestTotals {
  inputObjects: number;
  inputBytes: number;
  shards: number;
  documents: number;
  chunks: number;
  truncatedChunks: number;
  tokens: number;
  /** Bytes of all chunk, vector and reject files. */
  outputBytes: number;
}

/** The rows of a version by where their vectors came from. */
export interface ReusedTotals extends ReusedRows {
  /** Rows whose vectors the model computed. */
  computed: number;
  /** Rows that the version shares with its parent, files and all. */
  carried: number;
  /** The bytes in which this version stores the vectors that were lent. */
  lentBytes: number;
}

/**
 * Wall times in ms since the epoch. These are the only fields in which an undisturbed run and a
 * resumed one may differ.
 */
export interface ManifestTimings {
  /** The time at which the run that finished the version began. */
  startedAt: number;
  finishedAt: number;
  /** The chunks and tokens that earlier runs had embedded. Absent where that is nothing. */
  adopted?: EmbeddedCounts | undefined;
}

/** The counts of the commits of some shards together. */
export interface CommitTotals
  extends Pick<ShardCommit, 'documents' | 'chunks' | 'tokens' | 'truncated' | 'rejects'> {
  shards: number;
  /** Bytes of all chunk, vector and reject files. */
  outputBytes: number;
  /** The tokens that a provider charged. */
  billedTokens: number;
  /** The rows of these commits whose vectors were computed, and those for which they were not. */
  computed: number;
  reused: ReusedRows;
  /** Undefined where no value was clipped. */
  clipped?: ClippedValues | undefined;
}

export const NO_COMMITS: CommitTotals = {
  shards: 0,
  documents: 0,
  chunks: 0,
  tokens: 0,
  truncated: 0,
  rejects: {},
  outputBytes: 0,
  billedTokens: 0,
  computed: 0,
  reused: NOTHING_REUSED,
};

/** Adds a shard's commit to the totals of others. */
export function addCommit(totals: CommitTotals, commit: ShardCommit): CommitTotals {
  const { documents, chunks, tokens, truncated, rejects, chunkParts, vectorParts, rejectFile } = commit;
  const { reused = NOTHING_REUSED } = commit;
  const files: PartFileRef[] = [...chunkParts, ...vectorParts, ...(rejectFile ? [rejectFile] : [])];
  return {
    shards: totals.shards + 1,
    documents: totals.documents + documents,
    chunks: totals.chunks + chunks,
    tokens: totals.tokens + tokens,
    truncated: totals.truncated + truncated,
    rejects: addRejects(totals.rejects, rejects),
    outputBytes: files.reduce((sum, { bytes }) => sum + bytes, totals.outputBytes),
    billedTokens: vectorParts.reduce((sum, { billedTokens = 0 }) => sum + billedTokens, totals.billedTokens),
    computed: totals.computed + chunks - reusedCount(reused),
    reused: addReused(totals.reused, reused),
    clipped: addClipped(totals.clipped, commit.clipped),
  };
}

export interface ManifestInputs {
  job: JobRecord;
  /** The totals of the commits of all shards. */
  commits: CommitTotals;
  changes?: VersionChanges | undefined;
  compacted?: CompactionCounts | undefined;
  input: { objects: number; bytes: number };
  vectors: VectorEncoding;
  probe: Probe;
  timings: ManifestTimings;
}

/** Returns the encoding of the numbers in a version's vector files. */
export function encodingOf({ vectors }: Pick<ManifestFields, 'vectors'>): VectorEncoding {
  return vectors ?? { precision: 'float32' };
}

/** Returns what the manifest of a job's version says beside its files. */
export function manifestFields({
  job,
  commits,
  changes,
  compacted,
  input,
  vectors,
  probe,
  timings,
}: ManifestInputs): ManifestFields {
  const { shards, documents, chunks, tokens, truncated, rejects, outputBytes, billedTokens, clipped } =
    commits;
  const { provider } = job.spec.model;
  const reused = reusedTotals(commits, job.signature, vectors);
  return {
    dataset: job.spec.dataset,
    version: job.spec.version,
    parent: job.parent,
    signature: job.signature,
    fingerprint: job.fingerprint,
    chunking: job.spec.chunking,
    totals: {
      inputObjects: input.objects,
      inputBytes: input.bytes,
      shards,
      documents,
      chunks,
      truncatedChunks: truncated,
      tokens,
      outputBytes,
    },
    ...(provider && { cost: costOf(billedTokens, provider) }),
    ...(reused && { reused }),
    ...(clipped && { clipped }),
    ...(changes && { changes }),
    ...(compacted && { compacted }),
    rejects,
    vectors,
    probe,
    timings,
  };
}

function reusedTotals(
  { chunks, computed, reused }: CommitTotals,
  { dimensions }: ModelSignature,
  { precision }: VectorEncoding,
): ReusedTotals | undefined {
  if (computed === chunks) return undefined;
  const carried = chunks - computed - reusedCount(reused);
  return { ...reused, computed, carried, lentBytes: lentRows(reused) * storedBytes(precision, dimensions) };
}

/** Returns the parts that a manifest of the first format lists. All their rows are live. */
export function partsOf({
  chunkFiles,
  vectorFiles,
}: Pick<FirstManifest, 'chunkFiles' | 'vectorFiles'>): VersionParts {
  return VersionParts.of(
    chunkFiles.slice(0, vectorFiles.length).map((chunks, place) => ({
      chunks,
      vectors: vectorFiles[place]!,
      live: [{ start: chunks.start, end: chunks.end }],
    })),
  );
}
