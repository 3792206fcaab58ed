import { describeLongRows } from '../../core/long-rows.js';
import { type ProgressSample, type Rates, ratesOver } from '../../core/progress.js';
import { totalRejects } from '../../core/reject-counts.js';
import type { JobObservation } from './observe-job.js';

/** Span over which rates are taken, ms. */
const RATE_WINDOW_MS = 30_000;

/** What live progress shows. */
export interface JobView {
  status: string;
  phase: string;
  shards: { done: number; total: number };
  documents: number;
  chunks: number;
  tokens: number;
  /** Share of the phase that is done, 0 to 1. */
  share: number;
  rates: Rates;
  retries: number;
  rejects: number;
  note?: string;
}

/** Turns observations into views, remembering enough of the past for rates. */
export class ProgressTracker {
  #samples: ProgressSample[] = [];
  #phase = '';

  /** `at`: ms from any fixed origin. */
  view(observation: JobObservation, at: number): JobView {
    const { progress, totals, positions } = observation;
    const phase = progress?.paused ? 'paused' : (progress?.phase ?? 'waiting');
    if (phase !== this.#phase) this.#samples = [];
    this.#phase = phase;
    const embedding = positions.filter(({ stage }) => stage === 'embed' || stage === 'quantise');
    // A lane that did not answer in time seems to have lost what it had; nothing of a phase is ever undone.
    const { chunks, tokens, share } = furthest(this.#samples.at(-1), {
      at,
      chunks: totals.chunks + sum(embedding, ({ rows }) => rows),
      tokens: totals.tokens + sum(embedding, (position) => position.tokens),
      share: shareOf(observation),
    });
    if (progress) this.#samples.push({ at, chunks, tokens, share });
    while (this.#samples.length > 2 && at - this.#samples[0]!.at > RATE_WINDOW_MS) this.#samples.shift();
    const note = noteOf(observation);
    return {
      status: observation.status,
      phase,
      shards: { done: totals.shards, total: progress?.plan?.shards ?? 0 },
      documents: progress?.scanned?.documents ?? totals.documents,
      chunks,
      tokens,
      share,
      rates: ratesOver(this.#samples),
      retries: observation.retries,
      rejects: totalRejects(progress?.scanned?.rejects ?? totals.rejects),
      ...(note ? { note } : {}),
    };
  }
}

function furthest(before: ProgressSample | undefined, now: ProgressSample): ProgressSample {
  return {
    at: now.at,
    chunks: Math.max(before?.chunks ?? 0, now.chunks),
    tokens: Math.max(before?.tokens ?? 0, now.tokens),
    share: Math.max(before?.share ?? 0, now.share),
  };
}

/** Bytes of finished shards, and of those in flight as many as their rows say. */
function shareOf({ progress, totals, positions }: JobObservation): number {
  const plan = progress?.plan;
  if (!plan || plan.inputBytes === 0) return 0;
  const shardBytes = plan.inputBytes / plan.shards;
  const inFlight = sum(positions, ({ rows, rowsTotal }) => (rowsTotal ? (rows / rowsTotal) * shardBytes : 0));
  return Math.min(1, (totals.bytes + inFlight) / plan.inputBytes);
}

function noteOf({ status, progress, lastFailure }: JobObservation): string | undefined {
  if (status === 'RUNNING' && !progress) return 'no worker answers; start one with `vectormill worker`';
  if (lastFailure) return `retrying after: ${lastFailure}`;
  const longRows = progress?.scanned?.longRows;
  return longRows && describeLongRows(longRows);
}

/** One line: phase, shards, chunks/s, tok/s, ETA, retries, rejects. */
export function progressLine(view: JobView): string {
  const { phase, shards, rates } = view;
  const parts = [
    phase,
    shards.total > 0 ? `${Math.floor(view.share * 100)}%` : '',
    shards.total > 0 ? `${count(shards.done)}/${count(shards.total)} shards` : '',
    view.chunks > 0 ? `${count(view.chunks)} chunks` : `${count(view.documents)} documents`,
    view.chunks > 0 ? `${rates.chunksPerSecond.toFixed(1)} chunks/s` : '',
    view.chunks > 0 ? `${count(rates.tokensPerSecond)} tok/s` : '',
    `ETA ${rates.etaMs === undefined ? '–' : duration(rates.etaMs)}`,
    `${view.retries} retries`,
    `${count(view.rejects)} rejects`,
    view.note ?? '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** `1,234` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `2h 03m`, `4m 05s`, `6s` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${seconds}s`;
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}
