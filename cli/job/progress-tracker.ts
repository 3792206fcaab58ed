import { describeLongRows } from '../../core/long-rows.js';
import { type ProgressSample, type Rates, ratesOver } from '../../core/progress.js';
import { totalRejects } from '../../core/reject-counts.js';
import type { JobPhase } from '../../core/workflow-api.js';
import { errorMessage } from '../error-lines.js';
import type { JobObservation } from './observe-job.js';

/** The time over which rates are taken, in ms. */
const RATE_WINDOW_MS = 30_000;

/** The values that live progress shows. Null stands for an unknown value. */
export interface JobView {
  status: string;
  phase: string;
  shards: { done: number; total: number } | null;
  documents: number | null;
  chunks: number | null;
  tokens: number | null;
  /** The fraction of the phase that is done, 0 to 1. */
  share: number | null;
  /** The rates of what this run has embedded, without what it found. */
  rates: Rates | null;
  retries: number;
  rejects: number | null;
  note?: string;
}

type Numbers = Pick<JobView, 'shards' | 'documents' | 'chunks' | 'tokens' | 'share' | 'rates' | 'rejects'>;

const UNKNOWN: Numbers = {
  shards: null,
  documents: null,
  chunks: null,
  tokens: null,
  share: null,
  rates: null,
  rejects: null,
};

/**
 * Turns observations into views. It remembers enough of earlier observations for rates, and keeps
 * values that were once known.
 */
export class ProgressTracker {
  #samples: ProgressSample[] = [];
  #phase = '';
  #numbers: Numbers = UNKNOWN;
  #furthest = NOTHING_DONE;
  #retries = 0;

  /** `at` is the time in ms from any fixed origin. */
  view(observation: JobObservation, at: number): JobView {
    const { status, progress } = observation;
    // The attempts of an activity that has ended are no longer listed, but they still count.
    this.#retries = Math.max(this.#retries, observation.retries);
    if (progress) this.#numbers = this.#numbersOf(observation, at);
    const note = noteOf(observation);
    const isEnding = observation.isCancelling || observation.failure !== undefined;
    return {
      status,
      phase: phaseOf(observation),
      ...this.#numbers,
      // Work that ends early will not finish at the time that its rate predicts.
      ...(isEnding && { rates: null }),
      retries: this.#retries,
      ...(note ? { note } : {}),
    };
  }

  #numbersOf(observation: JobObservation, at: number): Numbers {
    const { progress, totals } = observation;
    const key = `${progress?.phase} ${progress?.paused}`;
    if (key !== this.#phase) {
      this.#samples = [];
      this.#furthest = NOTHING_DONE;
    }
    this.#phase = key;
    // If a lane did not answer in time, its progress seems to be lost. But nothing of a phase is
    // ever undone.
    this.#furthest = furthest(this.#furthest, doneIn(observation));
    const { chunks, tokens, adopted, share } = this.#furthest;
    const own = chunks > 0 ? (chunks - adopted.chunks) / chunks : 1;
    this.#samples.push({
      at,
      chunks: chunks - adopted.chunks,
      tokens: tokens - adopted.tokens,
      fraction: share * own,
      left: 1 - share,
    });
    while (this.#samples.length > 2 && at - this.#samples[0]!.at > RATE_WINDOW_MS) this.#samples.shift();
    const isCounted = progress?.phase !== 'claiming' && progress?.phase !== 'planning';
    const { scanned = null, plan = null } = progress ?? {};
    return {
      shards: plan && { done: totals?.shards ?? 0, total: plan.shards },
      documents: scanned?.documents ?? (isCounted ? (totals?.documents ?? null) : null),
      chunks,
      tokens,
      share: plan && share,
      rates: this.#rates(observation),
      rejects: scanned || isCounted ? totalRejects(scanned?.rejects ?? totals?.rejects ?? {}) : null,
    };
  }

  /**
   * Computes the rates. The first observation is compared with the beginning of the phase, because
   * there is no earlier one.
   */
  #rates({ progress, at }: JobObservation): Rates | null {
    const [first] = this.#samples;
    if (this.#samples.length !== 1 || !first || progress?.phaseSince === undefined)
      return ratesOver(this.#samples);
    const beginning = {
      at: first.at - Math.max(0, at - progress.phaseSince),
      chunks: 0,
      tokens: 0,
      fraction: 0,
    };
    return ratesOver([beginning, first]);
  }
}

interface Done {
  chunks: number;
  tokens: number;
  /** The chunks and tokens among these that earlier runs had embedded. */
  adopted: { chunks: number; tokens: number };
  share: number;
}

const NOTHING_DONE: Done = { chunks: 0, tokens: 0, adopted: { chunks: 0, tokens: 0 }, share: 0 };

function doneIn(observation: JobObservation): Done {
  const { totals, positions } = observation;
  const embedding = positions.filter(({ stage }) => stage === 'embed' || stage === 'quantise');
  return {
    chunks: (totals?.chunks ?? 0) + sum(embedding, ({ rows }) => rows),
    tokens: (totals?.tokens ?? 0) + sum(embedding, ({ tokens }) => tokens),
    adopted: {
      chunks: (totals?.adopted?.chunks ?? 0) + sum(embedding, ({ adopted }) => adopted?.chunks ?? 0),
      tokens: (totals?.adopted?.tokens ?? 0) + sum(embedding, ({ adopted }) => adopted?.tokens ?? 0),
    },
    share: fractionDone(observation),
  };
}

function furthest(before: Done, now: Done): Done {
  return {
    chunks: Math.max(before.chunks, now.chunks),
    tokens: Math.max(before.tokens, now.tokens),
    adopted: {
      chunks: Math.max(before.adopted.chunks, now.adopted.chunks),
      tokens: Math.max(before.adopted.tokens, now.adopted.tokens),
    },
    share: Math.max(before.share, now.share),
  };
}

/**
 * Returns the fraction of the input's bytes that is done: the bytes of finished shards, plus a part
 * of the bytes of shards in flight according to their rows.
 */
function fractionDone({ progress, totals, positions }: JobObservation): number {
  const plan = progress?.plan;
  if (!plan || !totals || plan.inputBytes === 0) return 0;
  const shardBytes = plan.inputBytes / plan.shards;
  const inFlight = sum(positions, ({ rows, rowsTotal }) => (rowsTotal ? (rows / rowsTotal) * shardBytes : 0));
  return Math.min(1, (totals.bytes + inFlight) / plan.inputBytes);
}

function phaseOf({ isCancelling, failure, progress, stage }: JobObservation): string {
  if (isCancelling) return 'cancelling';
  if (failure) return 'stopping';
  if (progress?.paused) return 'paused';
  return progress?.phase ?? (stage ? PHASES[stage] : 'waiting');
}

const PHASES: Readonly<Record<NonNullable<JobObservation['stage']>, JobPhase>> = {
  scan: 'scanning',
  embed: 'embedding',
  quantise: 'quantising',
};

function noteOf({ status, progress, failure, lastFailure, unserved }: JobObservation): string | undefined {
  if (failure) {
    const { code, message, worker } = failure;
    return `it will fail with ${code}: ${errorMessage({ message, worker })}`;
  }
  const queues = unserved.join(',');
  if (unserved.length > 0)
    return `no worker serves ${unserved.join(', ')}; start one with \`vectormill worker --queues ${queues}\``;
  if (status === 'RUNNING' && !progress) return 'no worker has answered in time';
  if (lastFailure) return `retrying after: ${lastFailure}`;
  const longRows = progress?.scanned?.longRows;
  return longRows && describeLongRows(longRows);
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}

/** Returns a job from a single observation. Its rates are those since the current phase began. */
export function viewJob(observation: JobObservation): JobView {
  return new ProgressTracker().view(observation, performance.now());
}
