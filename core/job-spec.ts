import type { ChunkingOptions } from './chunk.js';
import { type Editions, editionsOf } from './editions.js';
import type { ModelLock } from './model-lock.js';
import type { ModelSignature, Precision } from './model-signature.js';
import type { InputFormat } from './plan.js';
import type { ProviderSettings } from './provider.js';
import type { EmbedQueue } from './queues.js';
import type { RetentionPolicy } from './retention/retention-policy.js';
import type { VectorPrecision } from './vector-precision.js';

/** Says which column of a record holds what. */
export interface ColumnMapping {
  /** The column of the ids; if undefined, `_id`, or `id` where there is no `_id`. */
  id?: string | undefined;
  text: string;
  title: string;
  metadata: readonly string[];
}

/**
 * The dialect in which the rows of CSV and TSV tables are written. Where a field is undefined, the
 * reader's default for the format holds.
 */
export interface CsvSpec {
  /** The character that encloses fields. With `none`, quotes are ordinary characters. */
  quote?: string | undefined;
  /** The character between fields. */
  delimiter?: string | undefined;
}

/** Says where the documents are and how to read them. */
export interface InputSpec {
  /** The URI of an object or a prefix: `s3://bucket/prefix` or `file:///path`. */
  uri: string;
  format: InputFormat | 'auto';
  /** Glob patterns over the keys below `uri`. */
  include: readonly string[];
  exclude: readonly string[];
  columns: ColumnMapping;
  /** Absent where the job does not set it, and in jobs of releases that had no such option. */
  csv?: CsvSpec | undefined;
  maxDocumentBytes: number;
}

/** The limits of a part. A part is closed when a row reaches the first of them. */
export interface PartLimits {
  rows: number;
  tokens: number;
}

/** A model, and what a job asks of it. Where a field is undefined, the model's folder decides. */
export interface ModelChoice {
  source: string;
  /** An ONNX file to compute with instead of the safetensors, relative to the model's folder. */
  file?: string | undefined;
  maxTokens: number;
  /** The number of a vector's first values that are kept. */
  dimensions?: number | undefined;
  prompts?: { query?: string | undefined; document?: string | undefined } | undefined;
  precision?: Precision | undefined;
  /** The settings with which the model is reached over HTTP; `source` is then its name there. */
  provider?: ProviderSettings | undefined;
}

/**
 * The way in which vectors are stored. This is not part of the vector space, since a query is
 * compared with the values that the stored numbers stand for.
 */
export interface VectorSpec {
  precision: VectorPrecision;
}

/** A validated job: every default is filled in, and every path is absolute. */
export interface JobSpec {
  dataset: string;
  version: string;
  input: InputSpec;
  /** The root that holds the dataset's folder: `s3://bucket/prefix` or `file:///path`. */
  output: string;
  /** The ref that moves to this version when its manifest is written. With `none`, no ref moves. */
  ref: string;
  model: ModelChoice;
  /**
   * The root of the objects from which a worker takes a locked model that it does not have. Where
   * it is undefined, workers ask the hub. A resumed job may change it.
   */
  models?: string | undefined;
  chunking: ChunkingOptions;
  parts: PartLimits;
  /** Absent in jobs of releases that stored float32 alone. */
  vectors?: VectorSpec | undefined;
  /**
   * The version, or the ref, that this version is the next one of; `none` for a version without a
   * parent. Where it is absent, it is the version that the job's ref names.
   */
  parent?: string | undefined;
  /**
   * The names of versions whose vectors may be reused, such as `handbook@current`. Absent where the
   * job names none.
   */
  reuse?: readonly string[] | undefined;
  /** The number of bytes of input that a shard should have. */
  shardBytes: number;
  limits: JobLimits;
  /**
   * The versions that are kept when the job, or its night, has moved its ref. Where it is absent,
   * nothing is deleted. A resumed job may change it.
   */
  retention?: RetentionPolicy | undefined;
}

/**
 * Limits on how a job is run. A resumed job may change them. Everything else in a job fixes its
 * output.
 */
export interface JobLimits {
  /**
   * The fraction of rejected documents, 0 to 1, above which the job stops before it embeds
   * anything.
   */
  rejectShare: number;
  /** The number of shards that may be in flight over the whole job. */
  concurrency: number;
  /** The queue of the workers that compute the model. Where it is undefined, it is `embed-cpu`. */
  queue?: EmbedQueue | undefined;
  /**
   * The fraction, 0 to 1, and the number of the parent's documents up to which a version may delete
   * without being asked; it stops above both. Where they are undefined, they are 0.1 and 10.
   */
  deleteShare?: number | undefined;
  deleteDocuments?: number | undefined;
  /** The number of deleted documents that somebody has allowed for this run. */
  allowDeletes?: number | undefined;
}

/** The version whose rows a job carries over where their documents have not changed. */
export interface CarriedVersion {
  version: string;
  /** The SHA-256 of its manifest, in hex, so that another version of that name is never taken. */
  manifestSha256: string;
  /** The number of the job's first own shard, which no shard has had before. */
  firstShard: number;
  /**
   * The number of versions in a row that carry rows over, each from the one before, this version
   * included. Absent for 1.
   */
  generation?: number;
}

/** The content of `job.json`. */
export interface JobRecord {
  /** 2 for a job that carries rows over, which releases before did not know; 1 for any other. */
  formatVersion: 1 | 2;
  spec: JobSpec;
  signature: ModelSignature;
  fingerprint: string;
  /**
   * The bytes of the model, where it was pulled by name. Absent for models by path and those of
   * providers, and in jobs of releases that locked none.
   */
  modelLock?: ModelLock | undefined;
  parent: string | null;
  /**
   * The generation that the ref of the job, or of its night, had when it was prepared; 0 for a ref
   * that did not exist. If the ref was moved since, it is not moved to this version. Absent where
   * no ref is moved, and in jobs of releases that went by the time.
   */
  refGeneration?: number | undefined;
  /** Absent where every document is read, cut and embedded. */
  carry?: CarriedVersion | undefined;
  /**
   * Set where every vector is computed: nothing is carried over, and no version lends any. It
   * changes no result, so that a release that does not know it may go on with the job.
   */
  recompute?: true | undefined;
  /**
   * The versions that the job names in `reuse`, as they were found when it was prepared. Absent
   * where it names none. They change no result, so that a release that does not know them may go on
   * with the job.
   */
  reuse?: readonly LendingVersion[] | undefined;
  /**
   * The editions of the release that began the job. Absent in jobs of releases that did not count
   * them; see `editionsOf`.
   */
  editions?: Editions | undefined;
}

/** A finished version below the job's own output from which the job may take vectors. */
export interface LendingVersion {
  dataset: string;
  version: string;
  manifestSha256: string;
}

/**
 * Names a version on storage. Arguments of workflows and activities carry it instead of the job
 * itself.
 */
export interface VersionLocation {
  output: string;
  dataset: string;
  version: string;
  /**
   * The job's present `models`, which may be another than when the version was begun; null for
   * none. Absent where nobody says it, such as in arguments of earlier releases.
   */
  models?: string | null | undefined;
  /**
   * The number of plans of the version that were forgotten before the one by which a job works.
   * Absent where no plan is asked for, and in arguments of earlier releases.
   */
  forgottenPlans?: number | undefined;
}

/** Returns where the version of a job lies. */
export function locationOf({
  output,
  dataset,
  version,
  models = null,
}: Pick<JobSpec, 'output' | 'dataset' | 'version'> & Pick<VersionLocation, 'models'>): VersionLocation {
  return { output, dataset, version, models };
}

/**
 * Returns a job that takes its model from another place: null stands for the hub, and with
 * undefined the place stays.
 */
export function withModels(job: JobRecord, models: VersionLocation['models']): JobRecord {
  return models === undefined ? job : { ...job, spec: { ...job.spec, models: models ?? undefined } };
}

/** Returns the number of the first shard of a job's own. */
export function firstShardOf({ carry }: JobRecord): number {
  return carry?.firstShard ?? 0;
}

/** Returns a job with its parent, and with what it carries over from it. */
export function withParent(
  job: JobRecord,
  { parent, carry }: Pick<JobRecord, 'parent' | 'carry'>,
): JobRecord {
  const { carry: _, ...others } = job;
  return { ...others, formatVersion: carry ? 2 : 1, parent, ...(carry && { carry }) };
}

/**
 * Returns a job that may delete this many of its parent's documents; with undefined, what the job
 * says holds.
 */
export function withAllowedDeletes<Job extends { spec: { limits: JobLimits } }>(
  job: Job,
  allowDeletes: number | undefined,
): Job {
  if (allowDeletes === undefined) return job;
  return { ...job, spec: { ...job.spec, limits: { ...job.spec.limits, allowDeletes } } };
}

/** Returns the precision in which the vectors of a job's version are stored. */
export function vectorPrecisionOf({ vectors }: Pick<JobSpec, 'vectors'>): VectorPrecision {
  return vectors?.precision ?? 'float32';
}

/**
 * Returns the part of a job that fixes its output; two runs with equal identities may share a
 * version.
 */
export function jobIdentity(job: JobRecord): Omit<JobRecord, 'spec'> & { spec: Omit<JobSpec, 'limits'> } {
  const { limits: _operational, retention: _afterwards, models: _place, ...spec } = job.spec;
  const { modelLock: _bytes, ...others } = job;
  return {
    ...others,
    editions: editionsOf(job),
    spec: { ...spec, vectors: { precision: vectorPrecisionOf(job.spec) } },
  };
}

/**
 * Returns the names of the top-level fields in which two jobs differ, for a refusal that says why.
 */
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
