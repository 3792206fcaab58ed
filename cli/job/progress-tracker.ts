import { describeLongRows } from '../../core/long-rows.js';
import { type ProgressSample, type Rates, ratesOver } from '../../core/progress.js';
import { totalRejects } from '../../core/reject-counts.js';
import type { JobPhase } from '../../core/workflow-api.js';
import { errorMessage } from '../error-lines.js';
import type { JobObservation } from './observe-job.js';

/** Span over which rates are taken, ms. */
const RATE_WINDOW_MS = 30_000;

/** What live progress shows; null is what is not known. */
export interface JobView {
  status: string;
  phase: string;
  shards: { done: number; total: number } | null;
  documents: number | null;
  chunks: number | null;
  tokens: number | null;
  /** Share of the phase that is done, 0 to 1. */
  share: number | null;
  /** Of what this run has embedded, without what it found. */
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
 * Turns observations into views, remembering enough of the past for rates; what was known once is
 * known.
 */
export class ProgressTracker {
  #samples: ProgressSample[] = [];
  #phase = '';
  #numbers: Numbers = UNKNOWN;
  #furthest = NOTHING_DONE;
  #retries = 0;

  /** `at`: ms from any fixed origin. */
  view(observation: JobObservation, at: number): JobView {
    const { status, progress } = observation;
    // An activity that has ended takes its attempts with it, and they were made all the same.
    this.#retries = Math.max(this.#retries, observation.retries);
    if (progress) this.#numbers = this.#numbersOf(observation, at);
    const note = noteOf(observation);
    const isEnding = observation.isCancelling || observation.failure !== undefined;
    return {
      status,
      phase: phaseOf(observation),
      ...this.#numbers,
      // What ends before its time will never reach what its rate foretells.
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
    // A lane that did not answer in time seems to have lost what it had; nothing of a phase is ever
    // undone.
    this.#furthest = furthest(this.#furthest, doneIn(observation));
    const { chunks, tokens, adopted, share } = this.#furthest;
    const own = chunks > 0 ? (chunks - adopted.chunks) / chunks : 1;
    this.#samples.push({
      at,
      chunks: chunks - adopted.chunks,
      tokens: tokens - adopted.tokens,
      share: share * own,
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

  /** A first look has no other to compare with, but the phase's beginning. */
  #rates({ progress, at }: JobObservation): Rates | null {
    const [first] = this.#samples;
    if (this.#samples.length !== 1 || !first || progress?.phaseSince === undefined)
      return ratesOver(this.#samples);
    const beginning = {
      at: first.at - Math.max(0, at - progress.phaseSince),
      chunks: 0,
      tokens: 0,
      share: 0,
    };
    return ratesOver([beginning, first]);
  }
}

interface Done {
  chunks: number;
  tokens: number;
  /** Of them, what earlier runs had embedded. */
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
    share: shareOf(observation),
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

/** Bytes of finished shards, and of those in flight as many as their rows say. */
function shareOf({ progress, totals, positions }: JobObservation): number {
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
