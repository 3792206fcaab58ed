import { randomUUID } from 'node:crypto';
import type { BucketRange } from '../core/buckets.js';
import { isVectormillError, refusalsAsFailures } from '../core/errors.js';
import {
  COURSES,
  type FoldStage,
  type JobStage,
  type JobSteps,
  type MergeStage,
  progressFrom,
  takeCourse,
} from '../core/job-course.js';
import type { JobRecord, VersionLocation } from '../core/job-spec.js';
import {
  type ActivityPosition,
  addShardTotals,
  NO_SHARD_TOTALS,
  type ShardTotals,
} from '../core/progress.js';
import { type ShardGroup, shardGroups } from '../core/shard-groups.js';
import type { JobProgress, JobSummary } from '../core/workflow-api.js';
import { mapConcurrently } from '../engine/concurrency/map-concurrently.js';
import { throwIfStopped } from '../engine/concurrency/stop.js';
import { collectAfter } from '../engine/retention/collect-after.js';
import { countDeletes } from '../engine/steps/carry/count-deletes.js';
import { resolveDocuments } from '../engine/steps/carry/resolve-documents.js';
import { forgetPlan, keepPlan } from '../engine/steps/carry/settle-plan.js';
import { chunkShard } from '../engine/steps/chunk-shard.js';
import { embedShard } from '../engine/steps/embed-shard.js';
import { findDuplicates } from '../engine/steps/find-duplicates.js';
import { foldShards } from '../engine/steps/fold-shards.js';
import { mergeIds } from '../engine/steps/merge-ids.js';
import { claimVersion, planVersion } from '../engine/steps/plan-version.js';
import { quantiseShard } from '../engine/steps/quantise-shard.js';
import { reduceRanges, removeFloat32 } from '../engine/steps/reduce-ranges.js';
import { scanShard } from '../engine/steps/scan-shard.js';
import { shardTotals } from '../engine/steps/shard-totals.js';
import type { StepRun, StepTools } from '../engine/steps/step-context.js';
import { computeProbe, writeManifest, writtenVersion } from '../engine/steps/write-manifest.js';
import { type OpenVersion, versionOpener } from '../engine/version/open-version.js';
import { untilDone } from './attempts.js';
import { thisProcess } from './this-process.js';

/**
 * The number of shards in flight. While one of them holds the part gate, the others read, cut and
 * write.
 */
const SHARDS_IN_FLIGHT = 3;

/** The number of groups of shards that are folded at once, in about 100 MB each. */
const FOLDS_IN_FLIGHT = 2;

/** A job in this process as it is at one moment. */
export interface LocalProgress {
  progress: JobProgress;
  stage: JobStage | undefined;
  /** Finished shards of the current stage. */
  totals: ShardTotals;
  /** The positions of the shards in flight. */
  positions: readonly ActivityPosition[];
  /** Attempts beyond the first, over the whole run. */
  retries: number;
  /** The message of the latest failed attempt, while it is being tried again. */
  lastFailure: string | undefined;
}

export interface LocalJob {
  /**
   * The result of the job. It rejects with CANCELLED after the signal was aborted, and otherwise
   * with the error of the job.
   */
  done: Promise<JobSummary>;
  observe(): LocalProgress;
}

/**
 * Runs a job in this process, with the steps that workers run. It adopts the parts that an earlier
 * run left, on whatever machine, and those that others write to the same version meanwhile. Once
 * `signal` is aborted, the current parts are finished and the job ends with CANCELLED. The next run
 * continues from those parts.
 */
export function runJobLocally(job: JobRecord, tools: StepTools, signal: AbortSignal): LocalJob {
  const executor = new LocalExecutor(tools, signal);
  return { done: executor.run(job), observe: () => executor.observe() };
}

class LocalExecutor {
  readonly #tools: StepTools;
  readonly #signal: AbortSignal;
  readonly #openVersion;
  /** Names this run among all that ever work on the version. */
  readonly #id = `local/${randomUUID()}`;
  readonly #progress = progressFrom(Date.now());
  readonly #positions = new Map<number, ActivityPosition>();
  #stage: JobStage | undefined;
  #totals = NO_SHARD_TOTALS;
  #retries = 0;
  #isClaimed = false;
  #lastFailure: string | undefined;

  constructor(tools: StepTools, signal: AbortSignal) {
    this.#tools = tools;
    this.#signal = signal;
    this.#openVersion = versionOpener(tools.openStore);
  }

  /** Once the version is claimed, something is written, and no error is a refusal any more. */
  async run(job: JobRecord): Promise<JobSummary> {
    for (let begun = 1; ; begun += 1) {
      try {
        return await takeCourse(job, this.#steps(job), { progress: this.#progress, now: () => Date.now() });
      } catch (error) {
        if (!this.#isClaimed) throw error;
        const isForgotten = isVectormillError(error) && error.code === 'PLAN_FORGOTTEN';
        if (!isForgotten || begun === COURSES) return refusalsAsFailures(() => Promise.reject(error));
      }
    }
  }

  observe(): LocalProgress {
    return {
      progress: this.#progress,
      stage: this.#stage,
      totals: this.#totals,
      positions: [...this.#positions.values()],
      retries: this.#retries,
      lastFailure: this.#lastFailure,
    };
  }

  #steps(job: JobRecord): JobSteps {
    const tools = this.#tools;
    const { planCompaction: plan } = tools;
    const at = <T>(name: string, step: (version: OpenVersion, run: StepRun) => Promise<T>) => {
      return (location: VersionLocation) =>
        this.#attempt(name, async (run) => step(await this.#openVersion(location), run));
    };
    return {
      claimVersion: async (claimed) => {
        if (claimed.carry) this.#openModel(claimed);
        await this.#attempt('claim', (run) => claimVersion(tools, claimed, run));
        this.#isClaimed = true;
      },
      planVersion: at('plan', (version) => planVersion(tools, version)),
      takeShards: (location, work) => this.#takeShards(job, location, work),
      foldShards: (location, work) => this.#foldShards(location, work),
      mergeIds: (location, work) => this.#mergeIds(location, work),
      resolveDocuments: at('resolve', resolveDocuments),
      countDeletes: (location, ids, groupSize) =>
        at('deletes', (version, run) => countDeletes(version, { ids, groupSize }, run))(location),
      forgetPlan: (location) =>
        this.#attempt('forget', () => forgetPlan(tools.openStore(location.output), location)),
      keepPlan: at('keep', (version) => keepPlan(version)),
      findDuplicates: (location, range, groupSize) =>
        at('duplicates', (version, run) => findDuplicates(version, range, run, groupSize))(location),
      reduceRanges: (location, groupSize) =>
        at('ranges', (version, run) => reduceRanges(version, run, groupSize))(location),
      computeProbe: at('probe', (version) => computeProbe(tools, version)),
      writeManifest: (location, timings, groupSize) =>
        at('manifest', async (version, run) =>
          writtenVersion(version, await writeManifest(version, timings, run, { groupSize, plan }), timings),
        )(location),
      removeFloat32: at('float32', removeFloat32),
      collect: (location, policy) =>
        this.#attempt('collect', ({ signal }) =>
          collectAfter(tools.openStore, location, policy, { signal, onDeleted: () => {} }),
        ),
    };
  }

  /**
   * Opens the model while the version is claimed, because the probe of a job that carries rows over
   * is what such a job waits for. If it fails, the probe says so.
   */
  #openModel(job: JobRecord): void {
    this.#tools.withEmbedder(job, () => Promise.resolve()).catch(() => undefined);
  }

  /** Takes every shard through a stage. Those in flight finish a part before they stop. */
  async #takeShards(
    { spec }: JobRecord,
    location: VersionLocation,
    {
      stage,
      shards,
      duplicates,
    }: { stage: JobStage; shards: ShardGroup; duplicates: readonly BucketRange[] },
  ): Promise<ShardTotals> {
    this.#stage = stage;
    this.#totals = NO_SHARD_TOTALS;
    const version = await this.#openVersion(location);
    const width = Math.min(spec.limits.concurrency, SHARDS_IN_FLIGHT);
    const numbers = Array.from({ length: shards.to - shards.from }, (_, place) => shards.from + place);
    await this.#takeAll(numbers, width, async (shard, signal) => {
      try {
        const totals = await this.#takeShard(version, { stage, shard, duplicates }, signal);
        this.#totals = addShardTotals(this.#totals, totals);
      } finally {
        this.#positions.delete(shard);
      }
    });
    return this.#totals;
  }

  /** After a first failure, the signal stops what is in flight, and nothing else begins. */
  async #takeAll<T>(
    items: readonly T[],
    width: number,
    take: (item: T, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([this.#signal, failed.signal]);
    const failures: unknown[] = [];
    await mapConcurrently(items, width, async (item) => {
      if (signal.aborted) return;
      try {
        await take(item, signal);
      } catch (error) {
        failures.push(error);
        failed.abort();
      }
    });
    const isStop = (error: unknown) => isVectormillError(error) && error.code === 'CANCELLED';
    const failure = failures.find((error) => !isStop(error)) ?? failures[0];
    if (failure !== undefined) throw failure;
    throwIfStopped(this.#signal);
  }

  async #foldShards(location: VersionLocation, { kind, shards, groupSize }: FoldStage): Promise<boolean> {
    const version = await this.#openVersion(location);
    if (kind === 'ids') this.#totals = NO_SHARD_TOTALS;
    await this.#takeAll(shardGroups(shards, groupSize), FOLDS_IN_FLIGHT, async (group, signal) => {
      const fold = (run: StepRun) => foldShards(version, { kind, group }, run);
      const totals = await this.#attempt(`fold-${kind}/${group.from}`, fold, { signal });
      if (kind === 'ids') this.#totals = addShardTotals(this.#totals, totals);
    });
    return true;
  }

  async #mergeIds(location: VersionLocation, { shards, groupSize, mergeSize }: MergeStage): Promise<void> {
    const version = await this.#openVersion(location);
    await this.#takeAll(shardGroups(shards, mergeSize), FOLDS_IN_FLIGHT, (group, signal) => {
      const merge = (run: StepRun) => mergeIds(version, { group, groupSize }, run);
      return this.#attempt(`merge-ids/${group.from}`, merge, { signal });
    });
  }

  async #takeShard(
    version: OpenVersion,
    { stage, shard, duplicates }: { stage: JobStage; shard: number; duplicates: readonly BucketRange[] },
    signal: AbortSignal,
  ): Promise<ShardTotals> {
    const tools = this.#tools;
    const attempt = <T>(name: string, step: (run: StepRun) => Promise<T>) =>
      this.#attempt(`${name}/${shard}`, step, { signal, shard });
    if (stage === 'quantise')
      return shardTotals(
        version,
        shard,
        await attempt(stage, (run) => quantiseShard(tools, version, shard, run)),
      );
    if (stage === 'scan') {
      const counts = await attempt(stage, (run) => scanShard(tools, version, shard, run));
      return shardTotals(version, shard, { ...counts, chunks: 0, tokens: 0 });
    }
    await attempt('chunk', (run) => chunkShard(tools, version, { shard, duplicates }, run));
    return shardTotals(
      version,
      shard,
      await attempt('embed', (run) => embedShard(tools, version, shard, run)),
    );
  }

  #attempt<T>(
    name: string,
    step: (run: StepRun) => Promise<T>,
    { signal = this.#signal, shard }: { signal?: AbortSignal; shard?: number } = {},
  ): Promise<T> {
    let position: ActivityPosition | undefined;
    return untilDone(
      async (attempt) => {
        const result = await step({
          attempt: `${this.#id}/${name}/${attempt}`,
          owner: thisProcess(),
          signal,
          before: position,
          onPosition: (next) => {
            position = next;
            if (shard !== undefined) this.#positions.set(shard, next);
          },
        });
        if (attempt > 1) this.#lastFailure = undefined;
        return result;
      },
      {
        signal,
        onRetry: (error) => {
          this.#retries += 1;
          this.#lastFailure = error.message;
        },
      },
    );
  }
}
