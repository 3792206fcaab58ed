import type { IndexRequest } from '../index/choose-parameters.js';
import { type JobRecord, type JobSpec, withParent } from '../job-spec.js';
import type { MiningSpec, RecordedCrossEncoder } from '../mining/mining-spec.js';

/** The times at which nights begin, and the age up to which missed nights are made up for. */
export interface ScheduleTiming {
  /** Cron expressions. A night begins at each time that one of them names. */
  cron: readonly string[];
  /** The IANA name of the time zone in which the expressions are read. */
  timezone: string;
  /** A night that could not begin at its time is begun at most this long after it, in ms. */
  catchupWindowMs: number;
  /** A night begins at random up to this long after its time, in ms. */
  jitterMs: number;
}

/** A job that is complete but for the version, which each night names. */
export interface JobTemplate extends Omit<JobRecord, 'spec' | 'parent' | 'carry' | 'editions'> {
  /** The job's own fields. The `ref` moves when every step of a night has succeeded. */
  spec: Omit<JobSpec, 'version'>;
}

export interface NightlyMining extends RecordedCrossEncoder {
  /** The mining job, without what the job of the night says already. */
  spec: Omit<MiningSpec, 'output' | 'dataset' | 'version' | 'models'>;
}

export interface NightlyIndex {
  name: string;
  request: IndexRequest;
}

/**
 * A validated schedule file. It is the argument that Temporal hands to every night, and it holds no
 * secret.
 */
export interface ScheduleRecord {
  formatVersion: 1;
  name: string;
  timing: ScheduleTiming;
  job: JobTemplate;
  mine: NightlyMining | null;
  index: NightlyIndex | null;
  /**
   * Every so many versions, one reads and cuts every document. Absent where that is never asked
   * for, and in schedules of earlier releases.
   */
  fullEvery?: number | undefined;
}

/**
 * Returns the job of one night, with the editions of the release that began the night. It moves no
 * ref, because nobody should search a version whose index may not be published.
 */
export function jobOfNight(
  { job }: ScheduleRecord,
  version: string,
  {
    parent,
    carry,
    refGeneration,
    recompute,
    editions,
  }: Pick<JobRecord, 'parent' | 'carry' | 'refGeneration' | 'recompute' | 'editions'>,
): JobRecord {
  const { recompute: _, ...template } = job;
  // The night itself deletes old versions, when its ref is moved.
  const { retention: __, ...spec } = job.spec;
  const record = {
    ...template,
    ...(recompute && { recompute }),
    ...(refGeneration !== undefined && { refGeneration }),
    parent,
    editions,
    spec: { ...spec, version, ref: 'none' },
  };
  return withParent(record, { parent, carry });
}

/** Returns the mining job of one night. */
export function miningOfNight({ job }: ScheduleRecord, { spec }: NightlyMining, version: string): MiningSpec {
  const { output, dataset, models } = job.spec;
  return { ...spec, output, dataset, version, ...(models !== undefined && { models }) };
}

/**
 * Returns the differences between two records, as keys of the file such as `job.model` or `cron`.
 * The list is empty for equal records. `equal` compares values of any depth.
 */
export function differencesOf(
  left: ScheduleRecord,
  right: ScheduleRecord,
  equal: (a: unknown, b: unknown) => boolean,
): string[] {
  const [a, b] = [membersOf(left), membersOf(right)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => !equal(a[name], b[name]));
}

function membersOf({ timing, job, mine, index, fullEvery }: ScheduleRecord): Record<string, unknown> {
  return {
    ...keyed('', timing),
    ...(fullEvery !== undefined && { full_every: fullEvery }),
    ...keyed('job.', job.spec),
    'job.model (fingerprint)': job.fingerprint,
    ...(mine && keyed('mine.', mine.spec)),
    ...(mine && { 'mine.cross_encoder (fingerprint)': mine.crossEncoderFingerprint }),
    ...(index && { 'index.name': index.name, ...keyed('index.', index.request) }),
  };
}

/** Members that have another name in the file. */
const KEYS: Readonly<Record<string, string>> = {
  catchupWindowMs: 'catchup_window',
  jitterMs: 'jitter',
  source: 'pairs or beir',
  selection: 'mining',
  nearDuplicate: 'mining.near_duplicate',
  unknownShare: 'limits.unknown_share',
  recallTarget: 'recall',
  memoryBytes: 'memory',
  connectivity: 'm',
  expansionAdd: 'ef_construction',
};

function keyed(prefix: string, members: object): Record<string, unknown> {
  const named = Object.entries(members).map(([name, value]) => {
    const key = KEYS[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return [`${prefix}${key}`, value];
  });
  return Object.fromEntries(named);
}
