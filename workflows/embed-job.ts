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
import { isVectormillError } from '../core/errors.js';
import {
  COURSES,
  type FoldStage,
  type JobSteps,
  type MergeStage,
  progressFrom,
  takeCourse,
} from '../core/job-course.js';
import type { JobRecord, VersionLocation } from '../core/job-spec.js';
import { addShardTotals, NO_SHARD_TOTALS, type ShardTotals } from '../core/progress.js';
import type { EmbedQueue } from '../core/queues.js';
import { type ShardGroup, shardGroups } from '../core/shard-groups.js';
import {
  type EmbedJobInput,
  type JobProgress,
  type JobSummary,
  planLanes,
  QUERIES,
  SIGNALS,
} from '../core/workflow-api.js';
import { chunkCpu, control, embedOn } from './activity-proxies.js';
import { type LaneInput, lane } from './lane.js';
import { ShardWindow } from './shard-window.js';
import { applicationFailureOf, workflowFailure } from './workflow-failure.js';

/** The number of groups of shards that are folded at once. */
const FOLDS_IN_FLIGHT = 8;

/** Takes a job through its course; the activities of workers run its steps. */
export async function embedJob({ job }: EmbedJobInput): Promise<JobSummary> {
  const progress = progressFrom(Date.now());
  const tell = signalLanesInOrder();
  const folding: Folding = { window: undefined };
  handleMessages(progress, tell, folding);
  const steps = stepsOf(job, { progress, tell, folding });
  for (let begun = 1; ; begun += 1) {
    try {
      return await takeCourse(job, steps, { progress, now: () => Date.now() });
    } catch (error) {
      if (begun < COURSES && applicationFailureOf(error)?.type === 'PLAN_FORGOTTEN') continue;
      if (!isVectormillError(error)) throw error;
      const { code, message, component, remedy } = error;
      throw workflowFailure(code, message, { component, remedy });
    }
  }
}

interface JobState {
  progress: JobProgress;
  tell: TellLanes;
  folding: Folding;
}

function stepsOf({ spec }: JobRecord, { progress, tell, folding }: JobState): JobSteps {
  const { concurrency, queue } = spec.limits;
  return {
    claimVersion: (claimed) => control.claimVersion(claimed),
    planVersion: (of) => control.planVersion(of),
    takeShards: (of, work) => runLanes({ location: of, concurrency, queue, ...work }, { progress, tell }),
    foldShards: (of, work) => foldShards(of, work, { progress, folding }),
    mergeIds: (of, work) => mergeIds(of, work, { progress, folding }),
    resolveDocuments: (of) => control.resolveDocuments(of),
    countDeletes: async (of, ids, groupSize) =>
      patched('count-deletes') ? control.countDeletes(of, ids, groupSize) : undefined,
    forgetPlan: (of) => control.forgetPlan(of),
    keepPlan: async (of) => (patched('keep-plan') ? control.keepPlan(of) : undefined),
    findDuplicates: (of, range, groupSize) => control.findDuplicates(of, range, groupSize),
    reduceRanges: (of, groupSize) => control.reduceRanges(of, groupSize),
    computeProbe: (of) => embedOn[queue ?? 'embed-cpu'].computeProbe(of),
    writeManifest: (of, timings, groupSize) => control.writeManifest(of, timings, groupSize),
    removeFloat32: (of) => control.removeFloat32(of),
    collect: (of, policy) => control.collect(of, policy),
  };
}

/** The window in which groups of shards are folded, while they are. */
interface Folding {
  window: ShardWindow | undefined;
}

/** Answers queries and passes pauses on to the lanes, and to what this workflow folds itself. */
function handleMessages(progress: JobProgress, tell: TellLanes, folding: Folding): void {
  setHandler(defineQuery<JobProgress>(QUERIES.progress), () => progress);
  setHandler(defineSignal(SIGNALS.pause), async () => {
    progress.paused = true;
    folding.window?.pause();
    await tell(progress.lanes, SIGNALS.pause);
  });
  setHandler(defineSignal(SIGNALS.resume), async () => {
    progress.paused = false;
    folding.window?.resume();
    await tell(progress.lanes, SIGNALS.resume);
  });
}

/** Signals lanes. A lane that has ended meanwhile does not need the signal. */
type TellLanes = (lanes: readonly string[], signal: string) => Promise<void>;

/**
 * Two signals that are under way at the same time may arrive in either order, so each waits until
 * the one before has arrived.
 */
function signalLanesInOrder(): TellLanes {
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
  shards: ShardGroup;
  concurrency: number;
  queue: EmbedQueue | undefined;
  duplicates: LaneInput['duplicates'];
}

async function runLanes(
  stage: StageInput,
  { progress, tell }: { progress: JobProgress; tell: TellLanes },
): Promise<ShardTotals> {
  await condition(() => !progress.paused);
  const { concurrency, shards, ...laneStage } = stage;
  const { from, to } = shards;
  // A job that carries rows over may have nothing to embed.
  if (to === from && from > 0) return NO_SHARD_TOTALS;
  const { lanes, window } = lanesOf(to - from, concurrency);
  countAgain(progress);
  const state = { progress, tell, failed: false };
  const outcomes = await Promise.allSettled(
    Array.from({ length: lanes }, (_, next) =>
      runLane(
        {
          ...laneStage,
          next: from + next,
          shards: to,
          step: lanes,
          window,
          paused: progress.paused,
          totals: NO_SHARD_TOTALS,
        },
        state,
      ),
    ),
  );
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
  return progress.ended;
}

/**
 * Folds every group of shards. There are a thousand at most, so that this workflow has room for
 * them. While ids are folded, which takes longest, the progress counts the shards.
 */
async function foldShards(
  location: VersionLocation,
  { kind, shards, groupSize }: FoldStage,
  { progress, folding }: { progress: JobProgress; folding: Folding },
): Promise<boolean> {
  if (!patched(`fold-${kind}`)) return false;
  if (kind === 'ids') countAgain(progress);
  await takeGroups(
    shardGroups(shards, groupSize),
    async (group) => {
      const totals = await chunkCpu.foldShards(location, { kind, group });
      if (kind === 'ids') progress.ended = addShardTotals(progress.ended, totals);
    },
    { progress, folding },
  );
  return true;
}

/** Merges folded ids, which workers of an earlier release cannot do, and leave to others. */
async function mergeIds(
  location: VersionLocation,
  { shards, groupSize, mergeSize }: MergeStage,
  state: { progress: JobProgress; folding: Folding },
): Promise<void> {
  if (!patched('merge-ids')) return;
  const merge = (group: ShardGroup) => chunkCpu.mergeIds(location, { group, groupSize });
  await takeGroups(shardGroups(shards, mergeSize), merge, state);
}

/** Takes groups of shards, some of them at once. A pause of the job pauses it as well. */
async function takeGroups(
  groups: readonly ShardGroup[],
  take: (group: ShardGroup) => Promise<void>,
  { progress, folding }: { progress: JobProgress; folding: Folding },
): Promise<void> {
  const window = new ShardWindow({ isPaused: progress.paused });
  folding.window = window;
  await window.take(
    { next: 0, shards: groups.length, width: FOLDS_IN_FLIGHT, historyLimit: Number.POSITIVE_INFINITY },
    (group) => take(groups[group]!),
    () => {},
  );
  folding.window = undefined;
}

/** Begins to count shards again, and keeps the attempts that they took. */
function countAgain(progress: JobProgress): void {
  progress.retries = (progress.retries ?? 0) + (progress.ended.retries ?? 0);
  progress.ended = NO_SHARD_TOTALS;
}

/**
 * Returns the lanes of a stage. A job that was already running keeps its lanes: it was begun with
 * one for each shard.
 */
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
