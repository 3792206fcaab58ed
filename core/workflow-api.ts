import type { ErrorCode } from './errors.js';
import type { IndexJob } from './index/index-job.js';
import type { JobRecord, VersionLocation } from './job-spec.js';
import type { LongRows } from './long-rows.js';
import type { ManifestTotals } from './manifest.js';
import type { MiningRecord, MiningSpec } from './mining/mining-spec.js';
import type { EmbeddedCounts, ShardTotals } from './progress.js';
import type { Cost } from './provider.js';
import type { RejectCounts } from './reject-counts.js';
import type { VectorPrecision } from './vector-precision.js';

/** Names under which workflows, signals and queries are known to clients and workers alike. */
export const EMBED_JOB = 'embedJob';
export const LANE = 'lane';
export const BUILD_INDEX = 'buildIndex';
export const MINE_JOB = 'mineJob';
export const NIGHTLY_JOB = 'nightlyJob';
export const SIGNALS = {
  pause: 'pause',
  resume: 'resume',
  /** From the root to its lanes: stop the shards in flight and start no other. */
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

/** Answer to the root workflow's progress query. */
export interface JobProgress {
  phase: JobPhase;
  paused: boolean;
  plan: { shards: number; inputObjects: number; inputBytes: number } | null;
  /** What the finished scan counted; null before. */
  scanned: { documents: number; rejects: RejectCounts; longRows?: LongRows } | null;
  /** Lanes of the current phase that have not ended. */
  lanes: readonly string[];
  /** Sums of the lanes of the current phase that have ended. */
  ended: ShardTotals;
  /** When the current phase began, ms since the epoch; absent from a worker of an older release. */
  phaseSince?: number;
  /** Attempts beyond the first in the phases before; absent from a worker of an older release. */
  retries?: number;
}

/** Answer to a lane's progress query. */
export interface LaneProgress {
  totals: ShardTotals;
  inFlight: readonly number[];
  /** What the lane will fail with, once its other shards in flight have stopped. */
  failure?: LaneFailure | undefined;
}

export interface LaneFailure {
  code: ErrorCode;
  message: string;
  /** The worker that met it. */
  worker?: string | undefined;
}

/** What the root workflow returns. */
export interface JobSummary {
  manifest: string;
  fingerprint: string;
  /**
   * How the version's vectors are stored; absent from a worker of a release that stored float32
   * alone.
   */
  vectorPrecision?: VectorPrecision;
  totals: ManifestTotals;
  /** Present only where a provider computed the vectors. */
  cost?: Cost;
  rejects: RejectCounts;
  /** Rows of tables that run over many lines; absent where there are none. */
  longRows?: LongRows;
  /** Wall time of this run, ms. */
  elapsedMs: number;
  /**
   * Of the chunks and tokens, what earlier runs of the job had embedded; absent where that is
   * nothing.
   */
  adopted?: EmbeddedCounts | undefined;
  /** Whether an earlier run had finished the version, so that this one did nothing. */
  wasComplete?: boolean;
}

export interface BuildIndexInput {
  job: IndexJob;
  /** Where a run that continues another begins; absent for the first. */
  from?: { shard: number; rows: number; reused: number };
}

/** Answer to the progress query of the workflow that builds an index. */
export interface IndexProgress {
  stage: 'planning' | 'building' | 'measuring';
  /** In graphs that are finished, and in all. */
  rows: number;
  rowsTotal: number;
}

/** One id an index, so that a second build of the same index finds the first. */
export function indexWorkflowId({
  location: { dataset, version },
  name,
}: { location: Pick<VersionLocation, 'dataset' | 'version'> } & Pick<IndexJob, 'name'>): string {
  return `${workflowId({ dataset, version })}/index/${name}`;
}

export interface MineJobInput {
  record: MiningRecord;
  /** Shards in flight. */
  concurrency: number;
  /** Where a run that continues another begins; absent for the first. */
  from?: { stage: MiningStage; shard: number };
  /** Events at which a run continues as new; absent: 5,000. */
  historyLimit?: number;
}

/** The stages of mining that go over all shards of queries, in order. */
export const MINING_STAGES = ['searching', 'rescoring', 'writing'] as const;
export type MiningStage = (typeof MINING_STAGES)[number];

/**
 * Answer to the mining workflow's progress query: shards done, and in flight, of the stage in hand.
 */
export interface MiningProgress {
  stage: 'planning' | MiningStage | 'finishing';
  done: number;
  shards: number;
  inFlight: readonly number[];
}

/** One id a set of triplets, so that a second `mine` of the same job finds the first. */
export function miningWorkflowId({
  dataset,
  version,
  name,
}: Pick<MiningSpec, 'dataset' | 'version' | 'name'>): string {
  return `vectormill/${dataset}/${version}/triplets/${name}`;
}

/** One id a dataset and version, so that a second `run` of the same job finds the first. */
export function workflowId({ dataset, version }: Pick<VersionLocation, 'dataset' | 'version'>): string {
  return `vectormill/${dataset}/${version}`;
}

/**
 * The id of a schedule; those of its nights begin with `nightWorkflowId`, to which Temporal adds
 * the night's time.
 */
export function scheduleId(name: string): string {
  return `vectormill/${name}`;
}

export function nightWorkflowId(schedule: string): string {
  return `vectormill-night/${schedule}`;
}

/**
 * How many equal lanes there are for a job, and how many shards each holds in flight. A lane of
 * fewer than `minShards` shards would cost more to start and to end than it spares the others.
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
