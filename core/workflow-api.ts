import type { VersionChanges } from './carry/version-changes.js';
import type { ClippedValues } from './clipped-values.js';
import type { CompactionCounts } from './compaction/compaction-counts.js';
import type { ErrorCode } from './errors.js';
import type { IndexJob } from './index/index-job.js';
import type { JobRecord, VersionLocation } from './job-spec.js';
import type { LongRows } from './long-rows.js';
import type { ManifestTotals, ReusedTotals } from './manifest.js';
import type { MiningRecord, MiningSpec } from './mining/mining-spec.js';
import type { EmbeddedCounts, ShardTotals } from './progress.js';
import type { Cost } from './provider.js';
import type { RejectCounts } from './reject-counts.js';
import type { CollectionResult } from './retention/collection.js';
import type { VectorPrecision } from './vector-precision.js';

/** The names by which both clients and workers know workflows, signals and queries. */
export const EMBED_JOB = 'embedJob';
export const LANE = 'lane';
export const BUILD_INDEX = 'buildIndex';
export const MINE_JOB = 'mineJob';
export const NIGHTLY_JOB = 'nightlyJob';
export const SIGNALS = {
  pause: 'pause',
  resume: 'resume',
  /**
   * The root workflow sends this to its lanes. They stop the shards in flight and start no others.
   */
  windDown: 'windDown',
} as const;
export const QUERIES = { progress: 'progress', laneProgress: 'laneProgress' } as const;

export interface EmbedJobInput {
  job: JobRecord;
}

export type JobPhase =
  | 'claiming'
  | 'planning'
  | 'scanning'
  | 'deduplicating'
  | 'embedding'
  | 'quantising'
  | 'finishing'
  | 'done';

/** The answer to the root workflow's progress query. */
export interface JobProgress {
  phase: JobPhase;
  paused: boolean;
  plan: { shards: number; inputObjects: number; inputBytes: number } | null;
  /** The counts of the finished scan. Null before the scan has finished. */
  scanned: { documents: number; rejects: RejectCounts; longRows?: LongRows } | null;
  /** The lanes of the current phase that have not ended. */
  lanes: readonly string[];
  /** The sums of the lanes of the current phase that have ended. */
  ended: ShardTotals;
  /**
   * The time at which the current phase began, in ms since the epoch. Workers of older releases
   * leave it out.
   */
  phaseSince?: number;
  /**
   * The number of attempts beyond the first that the earlier phases took. Workers of older releases
   * leave it out.
   */
  retries?: number;
}

/** The answer to a lane's progress query. */
export interface LaneProgress {
  totals: ShardTotals;
  inFlight: readonly number[];
  /** The failure with which the lane will end once its other shards in flight have stopped. */
  failure?: LaneFailure | undefined;
}

export interface LaneFailure {
  code: ErrorCode;
  message: string;
  /** The worker that met the failure. */
  worker?: string | undefined;
}

/** A ref that does not name a finished version whose job was to move it. */
export interface RefStanding {
  ref: string;
  /** The version that the ref names. */
  version: string;
  /** `superseded`: it was moved since the job began. `held`: somebody has asked that it stays. */
  why: 'superseded' | 'held';
}

/** The result of the root workflow. */
export interface JobSummary {
  manifest: string;
  fingerprint: string;
  /**
   * The precision in which the version's vectors are stored. Workers of releases that stored
   * float32 alone leave it out.
   */
  vectorPrecision?: VectorPrecision;
  totals: ManifestTotals;
  /** Present only where a provider computed the vectors. */
  cost?: Cost;
  /** Absent where every vector was computed. */
  reused?: ReusedTotals;
  /** The values outside the ranges of the parent. Absent where there are none. */
  clipped?: ClippedValues;
  /** The changes since the parent. Absent where no rows were carried over. */
  changes?: VersionChanges;
  /** The rows that were moved to joined parts. Absent where none were. */
  compacted?: CompactionCounts;
  rejects: RejectCounts;
  /** Rows of tables that run over many lines. Absent where there are none. */
  longRows?: LongRows;
  /** Present where the job's ref names another version. */
  standing?: RefStanding;
  /** The collection after the job. Absent where the job has no `retention`. */
  collection?: CollectionResult;
  /** The wall time of this run in ms. */
  elapsedMs: number;
  /**
   * The chunks and tokens among these that earlier runs of the job had embedded. Absent where there
   * were none.
   */
  adopted?: EmbeddedCounts | undefined;
  /** Whether an earlier run had finished the version, so that this run did nothing. */
  wasComplete?: boolean;
}

export interface BuildIndexInput {
  job: IndexJob;
  /** The place where a run that continues another begins. Absent for the first run. */
  from?: { shard: number; rows: number; reused: number };
}

/** The answer to the progress query of the workflow that builds an index. */
export interface IndexProgress {
  stage: 'planning' | 'building' | 'measuring';
  /** The number of rows in finished graphs, and the number of rows in all. */
  rows: number;
  rowsTotal: number;
}

/**
 * Returns the id of the workflow that builds an index. Each index has one id, so that a second
 * build of the same index finds the first.
 */
export function indexWorkflowId({
  location: { dataset, version },
  name,
}: { location: Pick<VersionLocation, 'dataset' | 'version'> } & Pick<IndexJob, 'name'>): string {
  return `${workflowId({ dataset, version })}/index/${name}`;
}

export interface MineJobInput {
  record: MiningRecord;
  /** The number of shards that may be in flight. */
  concurrency: number;
  /** The place where a run that continues another begins. Absent for the first run. */
  from?: { stage: MiningStage; shard: number };
  /** The number of events at which a run continues as new. Where it is absent, it is 5,000. */
  historyLimit?: number;
}

/** The stages of mining that process all shards of queries, in order. */
export const MINING_STAGES = ['searching', 'rescoring', 'writing'] as const;
export type MiningStage = (typeof MINING_STAGES)[number];

/**
 * The answer to the mining workflow's progress query. The numbers are those of the current stage:
 * the count of shards that are done, and the shards in flight.
 */
export interface MiningProgress {
  stage: 'planning' | MiningStage | 'finishing';
  done: number;
  shards: number;
  inFlight: readonly number[];
}

/**
 * Returns the id of the workflow that mines. Each set of triplets has one id, so that a second
 * `mine` of the same job finds the first.
 */
export function miningWorkflowId({
  dataset,
  version,
  name,
}: Pick<MiningSpec, 'dataset' | 'version' | 'name'>): string {
  return `vectormill/${dataset}/${version}/triplets/${name}`;
}

/**
 * Returns the workflow's id. Each version of a dataset has one id, so that a second `run` of the
 * same job finds the first.
 */
export function workflowId({ dataset, version }: Pick<VersionLocation, 'dataset' | 'version'>): string {
  return `vectormill/${dataset}/${version}`;
}

/**
 * Returns the id of a schedule. The ids of its nights begin with `nightWorkflowId`, to which
 * Temporal adds the time of the night.
 */
export function scheduleId(name: string): string {
  return `vectormill/${name}`;
}

export function nightWorkflowId(schedule: string): string {
  return `vectormill-night/${schedule}`;
}

/**
 * Returns the number of equal lanes of a job, and the number of shards that each holds in flight. A
 * lane of fewer than `minShards` shards would cost more to start and to end than the other lanes
 * gain by it.
 */
export function planLanes(
  shards: number,
  concurrency: number,
  minShards: number = SHARDS_A_LANE,
): { lanes: number; window: number } {
  const lanes = Math.max(1, Math.min(Math.ceil(shards / minShards), concurrency, MAX_LANES));
  return { lanes, window: Math.ceil(concurrency / lanes) };
}

const MAX_LANES = 8;
const SHARDS_A_LANE = 32;
