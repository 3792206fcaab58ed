import { type BucketRange, bucketRanges } from './buckets.js';
import { deletesExceeded } from './carry/deletes-exceeded.js';
import { type ComparedDocuments, type DeletedDocuments, mustScanMore } from './carry/resolved-documents.js';
import { VectormillError } from './errors.js';
import {
  firstShardOf,
  type JobRecord,
  type JobSpec,
  locationOf,
  type VersionLocation,
  vectorPrecisionOf,
} from './job-spec.js';
import type { ManifestTimings } from './manifest.js';
import { NO_SHARD_TOTALS, type ShardTotals } from './progress.js';
import { describeRejects, exceedsRejectFraction, type RejectCounts, totalRejects } from './reject-counts.js';
import type { CollectionResult } from './retention/collection.js';
import type { RetentionPolicy } from './retention/retention-policy.js';
import { type FoldKind, idGroupSize, idMergeSize, recordGroupSize, type ShardGroup } from './shard-groups.js';
import { needsRanges } from './vector-precision.js';
import type { JobPhase, JobProgress, JobSummary } from './workflow-api.js';

/**
 * A job takes its course so many times at most, if other runs that would delete too much forget its
 * plan each time.
 */
export const COURSES = 5;

/** A stage that takes every shard of a version. */
export type JobStage = 'scan' | 'embed' | 'quantise';

/** The folding of all shards of a version, in groups of `groupSize`. */
export interface FoldStage {
  kind: FoldKind;
  shards: number;
  groupSize: number;
}

/** The merging of the ids of all shards of a version, which were folded in groups. */
export interface MergeStage {
  shards: number;
  /** The number of shards of a group whose ids were folded. */
  groupSize: number;
  /** The number of shards whose folded ids are merged. */
  mergeSize: number;
}

/**
 * The result of a finished job, without the fields that only the whole course of the job can fill
 * in.
 */
export type WrittenVersion = Omit<JobSummary, 'elapsedMs' | 'adopted' | 'collection'>;

/** The steps of a job as one executor runs them: workers on Temporal, or this process. */
export interface JobSteps {
  claimVersion(job: JobRecord): Promise<void>;
  /** The number of plans that were forgotten is absent where an earlier release planned. */
  planVersion(
    location: VersionLocation,
  ): Promise<NonNullable<JobProgress['plan']> & Pick<VersionLocation, 'forgottenPlans'>>;
  /**
   * Takes the shards `[from, to)`, by their numbers, through a stage. Returns what they count
   * together.
   */
  takeShards(
    location: VersionLocation,
    work: { stage: JobStage; shards: ShardGroup; duplicates: readonly BucketRange[] },
  ): Promise<ShardTotals>;
  /**
   * Folds files of every group of shards. Returns false, and does nothing, where a job was begun by
   * a release that folded nothing.
   */
  foldShards(location: VersionLocation, work: FoldStage): Promise<boolean>;
  /**
   * Merges the folded ids of several groups, so that a range of ids is read from few files. Does
   * nothing where a job was begun by a release that merged nothing.
   */
  mergeIds(location: VersionLocation, work: MergeStage): Promise<void>;
  /** Returns how many duplicates the range has. */
  findDuplicates(location: VersionLocation, range: BucketRange, groupSize?: number): Promise<number>;
  /**
   * Compares the documents of the parent with those that were scanned. It may ask for more shards
   * to be scanned, after which it is called again.
   */
  resolveDocuments(location: VersionLocation): Promise<ComparedDocuments>;
  /**
   * Counts the documents of the parent that a corpus of `ids` ids, scanned as a whole, does not
   * have any more. Undefined where the parent lists no documents, and where a job was begun by a
   * release that did not look.
   */
  countDeletes(
    location: VersionLocation,
    ids: number,
    groupSize?: number,
  ): Promise<DeletedDocuments | undefined>;
  /** Forgets the plan, so that the next run lists the input again. */
  forgetPlan(location: VersionLocation): Promise<void>;
  /**
   * Keeps the plan for good. Does nothing where a job was begun by a release that only looked
   * whether something was cut. Errors: PLAN_FORGOTTEN.
   */
  keepPlan(location: VersionLocation): Promise<void>;
  reduceRanges(location: VersionLocation, groupSize?: number): Promise<void>;
  computeProbe(location: VersionLocation): Promise<void>;
  writeManifest(
    location: VersionLocation,
    timings: ManifestTimings,
    groupSize?: number,
  ): Promise<WrittenVersion>;
  removeFloat32(location: VersionLocation): Promise<void>;
  /** Deletes versions that nothing needs. A failure is a result. */
  collect(location: VersionLocation, policy: RetentionPolicy): Promise<CollectionResult>;
}

/** Returns the progress of a job that begins at `startedAt`, in ms since the epoch. */
export function progressFrom(startedAt: number): JobProgress {
  return {
    phase: 'claiming',
    paused: false,
    plan: null,
    scanned: null,
    lanes: [],
    ended: NO_SHARD_TOTALS,
    phaseSince: startedAt,
    retries: 0,
  };
}

/**
 * Runs the steps of a job: claim, plan, scan, find duplicates, chunk and embed, manifest. A job
 * that carries rows over scans only what has changed, and compares it with its parent. Vectors
 * whose numbers need the ranges of the whole version are quantised before the manifest. What one
 * step reads of many shards is folded before it. A job with `retention` ends with a collection.
 * Each step finds what an earlier run left, whichever executor ran it. `progress` is kept up to
 * date; `now` returns ms since the epoch. Errors: REJECTS_EXCEEDED, DELETES_EXCEEDED, and those of
 * the steps. After PLAN_FORGOTTEN, the course is to be taken again.
 */
export async function takeCourse(
  job: JobRecord,
  steps: JobSteps,
  { progress, now }: { progress: JobProgress; now: () => number },
): Promise<JobSummary> {
  const { limits } = job.spec;
  const claimed = locationOf(job.spec);
  const startedAt = now();
  const enter = (phase: JobPhase) => {
    progress.phase = phase;
    progress.phaseSince = now();
  };

  await steps.claimVersion(job);
  enter('planning');
  // The probe of a job that carries rows over is compared with that of the parent.
  if (job.carry) await steps.computeProbe(claimed);
  const { forgottenPlans, ...plan } = await steps.planVersion(claimed);
  const location = { ...claimed, ...(forgottenPlans !== undefined && { forgottenPlans }) };
  progress.plan = plan;

  const { shards, ranges, documents, rejects, longRows } = job.carry
    ? await scanChanges(job, steps, { location, plan, enter })
    : await scanAll(job, steps, { location, plan, enter });
  progress.scanned = { documents, rejects, ...(longRows && { longRows }) };
  if (exceedsRejectFraction(documents, rejects, limits.rejectShare)) {
    throw rejectsExceeded(job.spec, documents, rejects);
  }

  enter('embedding');
  const { adopted } = await steps.takeShards(location, { stage: 'embed', shards, duplicates: ranges });
  const count = shards.to - shards.from;
  const isRanged = needsRanges(vectorPrecisionOf(job.spec));
  if (isRanged) {
    enter('quantising');
    await steps.reduceRanges(location, await foldRecords(steps, location, 'ranges', count));
    await steps.takeShards(location, { stage: 'quantise', shards, duplicates: [] });
  }
  enter('finishing');
  if (!job.carry) await steps.computeProbe(location);
  const groupSize = await foldRecords(steps, location, 'commits', count);
  const timings = { startedAt, finishedAt: now(), ...(adopted && { adopted }) };
  const written = await steps.writeManifest(location, timings, groupSize);
  if (isRanged) await steps.removeFloat32(location);
  const { retention } = job.spec;
  const collection = retention && (await steps.collect(location, retention));
  enter('done');
  return {
    ...written,
    ...(collection && { collection }),
    ...(longRows && { longRows }),
    ...(adopted && { adopted }),
    elapsedMs: now() - startedAt,
  };
}

/** The documents and rejects of a corpus, and where they are. */
interface ScannedCorpus extends Pick<ShardTotals, 'documents' | 'rejects' | 'longRows'> {
  /** The shards that are to be embedded. */
  shards: ShardGroup;
  /** The ranges of the id space in which duplicates were found; none where rows are carried. */
  ranges: readonly BucketRange[];
}

/** The plan of a job, where it is, and the function that its course calls at each phase. */
interface CourseState {
  location: VersionLocation;
  plan: NonNullable<JobProgress['plan']>;
  enter: (phase: JobPhase) => void;
}

/**
 * Scans the whole corpus, and finds its duplicates and what it deletes of the parent. Errors:
 * DELETES_EXCEEDED.
 */
async function scanAll(
  job: JobRecord,
  steps: JobSteps,
  { location, plan, enter }: CourseState,
): Promise<ScannedCorpus> {
  const shards = { from: 0, to: plan.shards };
  enter('scanning');
  const scanned = await steps.takeShards(location, { stage: 'scan', shards, duplicates: [] });
  enter('deduplicating');
  const ids = scanned.documents;
  const { ranges, count, groupSize } = await findDuplicates(steps, location, { shards: plan.shards, ids });
  if (job.parent !== null)
    await assertDeletes(job, steps, {
      location,
      deletes: await steps.countDeletes(location, ids, groupSize),
    });
  const documents = scanned.documents - count;
  const rejects = count > 0 ? { ...scanned.rejects, DUPLICATE_ID: count } : scanned.rejects;
  return { shards, ranges, documents, rejects, ...(scanned.longRows && { longRows: scanned.longRows }) };
}

/**
 * Scans what has changed since the parent, and finds what becomes of the parent's documents.
 * Errors: DELETES_EXCEEDED.
 */
async function scanChanges(
  job: JobRecord,
  steps: JobSteps,
  { location, plan, enter }: CourseState,
): Promise<ScannedCorpus> {
  const from = firstShardOf(job);
  let scanned = { from, to: from + plan.shards };
  enter('scanning');
  await steps.takeShards(location, { stage: 'scan', shards: scanned, duplicates: [] });
  enter('deduplicating');
  let resolved = await steps.resolveDocuments(location);
  while (mustScanMore(resolved, scanned.to - from)) {
    const to = from + resolved.shards;
    enter('scanning');
    // If none were added, the file of a scan has gone, and is made anew.
    const more = { from: to > scanned.to ? scanned.to : from, to };
    await steps.takeShards(location, { stage: 'scan', shards: more, duplicates: [] });
    scanned = { from, to };
    enter('deduplicating');
    resolved = await steps.resolveDocuments(location);
  }
  await assertDeletes(job, steps, { location, deletes: resolved });
  const { documents, rejects, longRows } = resolved;
  const shards = { from, to: from + resolved.shards };
  return { shards, ranges: [], documents, rejects, ...(longRows && { longRows }) };
}

/** Keeps the plan of a version, or forgets it and throws if it would delete too much. */
async function assertDeletes(
  { spec }: JobRecord,
  steps: JobSteps,
  { location, deletes }: { location: VersionLocation; deletes: DeletedDocuments | undefined },
): Promise<void> {
  const error = deletes && deletesExceeded(spec, deletes);
  if (!error) return steps.keepPlan(location);
  await steps.forgetPlan(location);
  throw error;
}

async function findDuplicates(
  steps: JobSteps,
  location: VersionLocation,
  { shards, ids }: { shards: number; ids: number },
) {
  const all = bucketRanges(ids);
  const size = idGroupSize({ shards, ids, ranges: all.length });
  const groupSize = await foldedSize(steps, location, { kind: 'ids', shards, groupSize: size });
  const mergeSize = groupSize === undefined ? undefined : idMergeSize(shards, groupSize);
  if (groupSize !== undefined && mergeSize !== undefined)
    await steps.mergeIds(location, { shards, groupSize, mergeSize });
  const ranges: BucketRange[] = [];
  let count = 0;
  for (const range of all) {
    const found = await steps.findDuplicates(location, range, groupSize);
    if (found > 0) ranges.push(range);
    count += found;
  }
  return { ranges, count, groupSize };
}

function foldRecords(
  steps: JobSteps,
  location: VersionLocation,
  kind: 'ranges' | 'commits',
  shards: number,
): Promise<number | undefined> {
  return foldedSize(steps, location, { kind, shards, groupSize: recordGroupSize(shards) });
}

/** Returns the size of the groups that were folded. Returns undefined where nothing was. */
async function foldedSize(
  steps: JobSteps,
  location: VersionLocation,
  { groupSize, ...work }: Omit<FoldStage, 'groupSize'> & { groupSize: number | undefined },
): Promise<number | undefined> {
  if (groupSize === undefined) return undefined;
  return (await steps.foldShards(location, { ...work, groupSize })) ? groupSize : undefined;
}

function rejectsExceeded(spec: JobSpec, documents: number, rejects: RejectCounts): VectormillError {
  const allowed = spec.limits.rejectShare;
  const rejected = totalRejects(rejects);
  const share = ((100 * rejected) / (documents + rejected)).toFixed(2);
  return new VectormillError(
    'REJECTS_EXCEEDED',
    `${rejected} of ${documents + rejected} documents (${share}%) were rejected, over the ${100 * allowed}% that the job allows: ${describeRejects(rejects)}`,
    {
      component: 'workflow',
      remedy: `Look at them with \`vectormill rejects ${spec.output}/${spec.dataset}@${spec.version}\`; then mend the corpus and start a new version, or raise limits.reject_share and run the job again to go on.`,
    },
  );
}
