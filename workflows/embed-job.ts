import {
  ChildWorkflowCancellationType,
  condition,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { type BucketRange, bucketRanges } from '../core/buckets.js';
import { type VersionLocation, vectorPrecisionOf } from '../core/job-spec.js';
import { addShardTotals, NO_SHARD_TOTALS, type ShardTotals } from '../core/progress.js';
import type { EmbedQueue } from '../core/queues.js';
import {
  describeRejects,
  exceedsRejectFraction,
  type RejectCounts,
  totalRejects,
} from '../core/reject-counts.js';
import { needsRanges } from '../core/vector-precision.js';
import {
  type EmbedJobInput,
  type JobPhase,
  type JobProgress,
  type JobSummary,
  planLanes,
  QUERIES,
  SIGNALS,
} from '../core/workflow-api.js';
import { control, embedOn } from './activity-proxies.js';
import { type LaneInput, lane } from './lane.js';
import { workflowFailure } from './workflow-failure.js';

/**
 * Runs the steps of a job: claim, plan, scan, find duplicates, chunk and embed, manifest. Vectors
 * whose numbers need the ranges of the whole version are quantised before the manifest. Each step
 * finds what an earlier run left.
 */
export async function embedJob({ job }: EmbedJobInput): Promise<JobSummary> {
  const { dataset, version, output, limits } = job.spec;
  const location: VersionLocation = { output, dataset, version };
  const startedAt = Date.now();
  const progress: JobProgress = {
    phase: 'claiming',
    paused: false,
    plan: null,
    scanned: null,
    lanes: [],
    ended: NO_SHARD_TOTALS,
    phaseSince: startedAt,
    retries: 0,
  };
  const tell = tellInOrder();
  handleMessages(progress, tell);

  await control.claimVersion(job);
  enter(progress, 'planning');
  const plan = await control.planVersion(location);
  progress.plan = plan;
  const { concurrency, queue } = limits;
  const shared = { location, shards: plan.shards, concurrency, queue };
  const lanes = { progress, tell };

  enter(progress, 'scanning');
  const scanned = await runLanes({ ...shared, stage: 'scan', duplicates: [] }, lanes);
  enter(progress, 'deduplicating');
  const { ranges, count } = await findDuplicates(location, scanned.documents);
  const documents = scanned.documents - count;
  const rejects = count > 0 ? { ...scanned.rejects, DUPLICATE_ID: count } : scanned.rejects;
  const { longRows } = scanned;
  progress.scanned = { documents, rejects, ...(longRows && { longRows }) };
  if (exceedsRejectFraction(documents, rejects, limits.rejectShare)) {
    throw rejectsExceeded(documents, rejects, limits.rejectShare);
  }

  enter(progress, 'embedding');
  const { adopted } = await runLanes({ ...shared, stage: 'embed', duplicates: ranges }, lanes);
  const isRanged = needsRanges(vectorPrecisionOf(job.spec));
  if (isRanged) {
    enter(progress, 'quantising');
    await control.reduceRanges(location);
    await runLanes({ ...shared, stage: 'quantise', duplicates: [] }, lanes);
  }
  enter(progress, 'finishing');
  await embedOn[queue ?? 'embed-cpu'].computeProbe(location);
  const written = await control.writeManifest(location, {
    startedAt,
    finishedAt: Date.now(),
    ...(adopted && { adopted }),
  });
  if (isRanged) await control.removeFloat32(location);
  enter(progress, 'done');
  return {
    ...written,
    ...(longRows && { longRows }),
    ...(adopted && { adopted }),
    elapsedMs: Date.now() - startedAt,
  };
}

function enter(progress: JobProgress, phase: JobPhase): void {
  progress.phase = phase;
  progress.phaseSince = Date.now();
}

/** Answers queries and passes pauses on to the lanes. */
function handleMessages(progress: JobProgress, tell: TellLanes): void {
  setHandler(defineQuery<JobProgress>(QUERIES.progress), () => progress);
  setHandler(defineSignal(SIGNALS.pause), async () => {
    progress.paused = true;
    await tell(progress.lanes, SIGNALS.pause);
  });
  setHandler(defineSignal(SIGNALS.resume), async () => {
    progress.paused = false;
    await tell(progress.lanes, SIGNALS.resume);
  });
}

/** Signals lanes. A lane that has ended meanwhile does not need the signal. */
type TellLanes = (lanes: readonly string[], signal: string) => Promise<void>;

/**
 * Two signals that are under way at the same time may arrive in either order, so each waits until
 * the one before has arrived.
 */
function tellInOrder(): TellLanes {
  let last: Promise<unknown> = Promise.resolve();
  return async (lanes, signal) => {
    const next = () => Promise.allSettled(lanes.map((id) => getExternalWorkflowHandle(id).signal(signal)));
    last = last.then(next);
    await last;
  };
}

interface StageInput {
  location: VersionLocation;
  stage: LaneInput['stage'];
  shards: number;
  concurrency: number;
  queue: EmbedQueue | undefined;
  duplicates: LaneInput['duplicates'];
}

async function runLanes(
  stage: StageInput,
  { progress, tell }: { progress: JobProgress; tell: TellLanes },
): Promise<ShardTotals> {
  await condition(() => !progress.paused);
  const { concurrency, ...laneStage } = stage;
  const { lanes, window } = lanesOf(stage.shards, concurrency);
  progress.retries = (progress.retries ?? 0) + (progress.ended.retries ?? 0);
  progress.ended = NO_SHARD_TOTALS;
  const state = { progress, tell, failed: false };
  const outcomes = await Promise.allSettled(
    Array.from({ length: lanes }, (_, next) =>
      runLane(
        { ...laneStage, next, step: lanes, window, paused: progress.paused, totals: NO_SHARD_TOTALS },
        state,
      ),
    ),
  );
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
  return progress.ended;
}

/** A job that was already running keeps its lanes: it was begun with one for each shard. */
function lanesOf(shards: number, concurrency: number): ReturnType<typeof planLanes> {
  return patched('shards-a-lane') ? planLanes(shards, concurrency) : planLanes(shards, concurrency, 1);
}

/** Runs one lane to its end. If the lane fails, the others are asked to wind down. */
async function runLane(
  input: LaneInput,
  state: { readonly progress: JobProgress; readonly tell: TellLanes; failed: boolean },
): Promise<void> {
  const { progress, tell } = state;
  const workflowId = `${workflowInfo().workflowId}/${input.stage}/${input.next}`;
  const child = await startChild(lane, {
    workflowId,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    args: [input],
  });
  progress.lanes = [...progress.lanes, workflowId];
  // A signal that was sent while the lane was being started did not reach it.
  if (progress.paused !== input.paused)
    await tell([workflowId], progress.paused ? SIGNALS.pause : SIGNALS.resume);
  if (state.failed) await tell([workflowId], SIGNALS.windDown);
  try {
    const totals = await child.result();
    progress.ended = addShardTotals(progress.ended, totals);
  } catch (error) {
    state.failed = true;
    await tell(progress.lanes, SIGNALS.windDown);
    throw error;
  } finally {
    progress.lanes = progress.lanes.filter((id) => id !== workflowId);
  }
}

async function findDuplicates(location: VersionLocation, ids: number) {
  const ranges: BucketRange[] = [];
  let count = 0;
  for (const range of bucketRanges(ids)) {
    const found = await control.findDuplicates(location, range);
    if (found > 0) ranges.push(range);
    count += found;
  }
  return { ranges, count };
}

function rejectsExceeded(documents: number, rejects: RejectCounts, allowed: number) {
  const rejected = totalRejects(rejects);
  const share = ((100 * rejected) / (documents + rejected)).toFixed(2);
  return workflowFailure(
    'REJECTS_EXCEEDED',
    `${rejected} of ${documents + rejected} documents (${share}%) were rejected, over the ${100 * allowed}% that the job allows: ${describeRejects(rejects)}`,
    {
      component: 'workflow',
      remedy:
        'Look at them with `vectormill rejects`; then mend the corpus and start a new version, or raise limits.reject_share and run the job again to go on.',
    },
  );
}
