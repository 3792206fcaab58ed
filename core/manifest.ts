import type { ShardCommit } from './commit.js';
import type { JobRecord, JobSpec } from './job-spec.js';
import type { ModelSignature } from './model-signature.js';
import type { ChunkPartFile, VectorPartFile } from './part.js';
import type { EmbeddedCounts } from './progress.js';
import { type Cost, costOf } from './provider.js';
import { addRejects, type RejectCounts } from './reject-counts.js';
import type { VectorEncoding } from './vector-precision.js';

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

/** The create-once record that makes a version readable. */
export interface Manifest {
  formatVersion: 1;
  dataset: string;
  version: string;
  parent: string | null;
  signature: ModelSignature;
  fingerprint: string;
  chunking: JobSpec['chunking'];
  totals: ManifestTotals;
  /** The cost of the vectors. Present only where a provider computed them. */
  cost?: Cost;
  rejects: RejectCounts;
  rejectFiles: readonly { key: string; sha256: string; bytes: number }[];
  /**
   * The files in row-key order. The n-th chunk file and the n-th vector file hold the same rows.
   */
  chunkFiles: readonly ChunkPartFile[];
  vectorFiles: readonly VectorPartFile[];
  /**
   * The encoding of the numbers in the vector files. Absent in manifests of releases that stored
   * float32 alone.
   */
  vectors?: VectorEncoding | undefined;
  /** The probe's vectors are always in float32. */
  probe: Probe;
  timings: ManifestTimings;
}

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

export interface ManifestInputs {
  job: JobRecord;
  /** One commit for each shard, in shard order. */
  commits: readonly ShardCommit[];
  input: { objects: number; bytes: number };
  vectors: VectorEncoding;
  probe: Probe;
  timings: ManifestTimings;
}

/** Returns the encoding of the numbers in a version's vector files. */
export function encodingOf({ vectors }: Pick<Manifest, 'vectors'>): VectorEncoding {
  return vectors ?? { precision: 'float32' };
}

/** Makes a manifest that lists exactly what the commits list. */
export function buildManifest({ job, commits, input, vectors, probe, timings }: ManifestInputs): Manifest {
  const chunkFiles = commits.flatMap((commit) => commit.chunkParts);
  const vectorFiles = commits.flatMap((commit) => commit.vectorParts);
  const rejectFiles = commits.flatMap((commit) => (commit.rejectFile ? [commit.rejectFile] : []));
  const { provider } = job.spec.model;
  const billed = vectorFiles.reduce((total, file) => total + (file.billedTokens ?? 0), 0);
  const sum = (pick: (commit: ShardCommit) => number) =>
    commits.reduce((total, commit) => total + pick(commit), 0);
  return {
    formatVersion: 1,
    dataset: job.spec.dataset,
    version: job.spec.version,
    parent: job.parent,
    signature: job.signature,
    fingerprint: job.fingerprint,
    chunking: job.spec.chunking,
    totals: {
      inputObjects: input.objects,
      inputBytes: input.bytes,
      shards: commits.length,
      documents: sum((commit) => commit.documents),
      chunks: sum((commit) => commit.chunks),
      truncatedChunks: sum((commit) => commit.truncated),
      tokens: sum((commit) => commit.tokens),
      outputBytes: [...chunkFiles, ...vectorFiles, ...rejectFiles].reduce(
        (total, file) => total + file.bytes,
        0,
      ),
    },
    ...(provider && { cost: costOf(billed, provider) }),
    rejects: commits.reduce((counts, commit) => addRejects(counts, commit.rejects), {}),
    rejectFiles,
    chunkFiles,
    vectorFiles,
    vectors,
    probe,
    timings,
  };
}
