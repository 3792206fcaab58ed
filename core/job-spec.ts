import type { ChunkingOptions } from './chunk.js';
import { type Editions, editionsOf } from './editions.js';
import type { ModelSignature, Precision } from './model-signature.js';
import type { InputFormat } from './plan.js';
import type { ProviderSettings } from './provider.js';
import type { EmbedQueue } from './queues.js';
import type { VectorPrecision } from './vector-precision.js';

/** Which columns of a record hold what. */
export interface ColumnMapping {
  /** Undefined: `_id`, or `id` where there is no `_id`. */
  id?: string | undefined;
  text: string;
  title: string;
  metadata: readonly string[];
}

/**
 * How the rows of CSV and TSV tables are written; what is undefined is as the format's reader has
 * it.
 */
export interface CsvSpec {
  /** The character that encloses fields; `none`: quotes are characters as others are. */
  quote?: string | undefined;
  /** The character between fields. */
  delimiter?: string | undefined;
}

/** Where the documents are and how to read them. */
export interface InputSpec {
  /** An object or a prefix: `s3://bucket/prefix` or `file:///path`. */
  uri: string;
  format: InputFormat | 'auto';
  /** Globs over keys below `uri`. */
  include: readonly string[];
  exclude: readonly string[];
  columns: ColumnMapping;
  /** Absent where the job says nothing of it, and in jobs of releases that had no choice. */
  csv?: CsvSpec | undefined;
  maxDocumentBytes: number;
}

/** When a part is closed: at the first of these that a row reaches. */
export interface PartLimits {
  rows: number;
  tokens: number;
}

/** A model, and what a job asks of it; what is undefined is as the model's folder says. */
export interface ModelChoice {
  source: string;
  /** An ONNX file of the folder, relative to it, to compute with instead of its safetensors. */
  file?: string | undefined;
  maxTokens: number;
  /** How many of a vector's first numbers to keep. */
  dimensions?: number | undefined;
  prompts?: { query?: string | undefined; document?: string | undefined } | undefined;
  precision?: Precision | undefined;
  /** Where the model is reached over HTTP; `source` is then its name there. */
  provider?: ProviderSettings | undefined;
}

/**
 * How vectors are stored; not part of the vector space, since a query is compared with what they
 * stand for.
 */
export interface VectorSpec {
  precision: VectorPrecision;
}

/** A job as validated: every default filled in, every path absolute. */
export interface JobSpec {
  dataset: string;
  version: string;
  input: InputSpec;
  /** The root that holds the dataset's folder: `s3://bucket/prefix` or `file:///path`. */
  output: string;
  /** The ref that moves to this version when its manifest is written; `none` moves nothing. */
  ref: string;
  model: ModelChoice;
  chunking: ChunkingOptions;
  parts: PartLimits;
  /** Absent in jobs of releases that stored float32 alone. */
  vectors?: VectorSpec | undefined;
  /** Bytes of input a shard aims at. */
  shardBytes: number;
  limits: JobLimits;
}

/** How a job is run. A resumed job may change these; everything else fixes the output. */
export interface JobLimits {
  /** Share of rejected documents, 0 to 1, above which the job stops before it embeds anything. */
  rejectShare: number;
  /** Shards in flight over the whole job. */
  concurrency: number;
  /** Which workers compute the model; undefined: those of `embed-cpu`. */
  queue?: EmbedQueue | undefined;
}

/** What `job.json` holds. */
export interface JobRecord {
  formatVersion: 1;
  spec: JobSpec;
  signature: ModelSignature;
  fingerprint: string;
  parent: string | null;
  /**
   * Of the release that began the job. Absent in jobs of releases that did not count them; see
   * `editionsOf`.
   */
  editions?: Editions | undefined;
}

/**
 * Names a version on storage; what travels in workflow and activity arguments instead of the job
 * itself.
 */
export interface VersionLocation {
  output: string;
  dataset: string;
  version: string;
}

/** How the vectors of a job's version are stored. */
export function precisionOf({ vectors }: JobSpec): VectorPrecision {
  return vectors?.precision ?? 'float32';
}

/** The part of a job that fixes its output; two runs with equal identities may share a version. */
export function jobIdentity(job: JobRecord): Omit<JobRecord, 'spec'> & { spec: Omit<JobSpec, 'limits'> } {
  const { limits: _operational, ...spec } = job.spec;
  return {
    ...job,
    editions: editionsOf(job),
    spec: { ...spec, vectors: { precision: precisionOf(job.spec) } },
  };
}

/** The names of the top-level fields in which two jobs differ, for a refusal that says why. */
export function differingFields(
  left: JobRecord,
  right: JobRecord,
  equal: (a: unknown, b: unknown) => boolean,
) {
  const a = jobIdentity(left).spec as Record<string, unknown>;
  const b = jobIdentity(right).spec as Record<string, unknown>;
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !equal(a[key], b[key]));
  return left.fingerprint === right.fingerprint ? fields : [...fields, 'fingerprint'];
}
