import type { Editions } from '../editions.js';
import type { CarriedVersion, VersionLocation } from '../job-spec.js';
import type { CollectionResult } from '../retention/collection.js';

/** The steps of a night, in order. A schedule may leave out the last two. */
export const NIGHT_STEPS = ['embed', 'mine', 'index'] as const;
export type NightStep = (typeof NIGHT_STEPS)[number];

/** The number of characters in the name of a version after the name of its schedule. */
const TIME_LENGTH = '-20261121T020000Z'.length;

/**
 * The longest name of a schedule with which the names of its versions still match `NAME_PATTERN`.
 */
export const MAX_SCHEDULE_NAME_LENGTH = 63 - TIME_LENGTH;

/** The progress of one step. */
export interface StepReport {
  step: NightStep;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** The id of the child workflow. */
  workflowId: string | null;
  /** The time in ms since the epoch, or null before the step starts. */
  startedAt: number | null;
  finishedAt: number | null;
  /** The numbers that the finished step counted, by name: documents, chunks, triplets, recall … */
  counts: Readonly<Record<string, number>>;
}

/**
 * The answer to the progress query of a night. The details of a failure that ends a night hold it,
 * too.
 */
export interface NightProgress extends VersionLocation {
  schedule: string;
  /** The time after which the night is named, in ms since the epoch. */
  scheduledAt: number;
  startedAt: number;
  /** The version that the ref named when the night began. Null where there was none. */
  parent: string | null;
  ref: string;
  steps: readonly StepReport[];
  /** The collection at the end of the night. Absent where the schedule has no `retention`. */
  collection?: CollectionResult;
}

/** The things that a night begins with. */
export interface OpenedNight {
  /** The version that the ref names; null if there is none, or no ref. */
  parent: string | null;
  /**
   * The generation of the ref before the night; 0 where there is none. Absent for a schedule that
   * moves no ref, and in histories of releases that went by the time.
   */
  refGeneration?: number | undefined;
  /** The version whose rows are carried over. Absent where every document is embedded. */
  carry?: CarriedVersion | undefined;
  /** Set where every vector is computed. */
  recompute?: true | undefined;
  /**
   * The editions under which its version was begun, or is begun now. Absent in histories of
   * releases that counted none.
   */
  editions?: Editions | undefined;
  /** Whether nothing lies in the input and no version exists, so that there is nothing to keep. */
  isEmpty: boolean;
  /**
   * Whether the night would make again what the ref names. Absent where it would not, and in
   * histories of releases that made a version every night.
   */
  isUnchanged?: boolean;
}

/** A night whose steps have all succeeded. */
export type FinishedNight = Pick<NightProgress, 'version' | 'parent' | 'scheduledAt' | 'startedAt'> & {
  finishedAt: number;
};

/** The result of a night. */
export interface NightSummary extends NightProgress {
  /**
   * The outcome of the night:
   * - `complete`: the version is complete and the ref names it.
   * - `superseded`: the version is complete, but the ref was moved since the night began.
   * - `held`: the version is complete, but somebody has asked that the ref stays.
   * - `unreferenced`: the version is complete, and the schedule moves no ref.
   * - `empty`: there was nothing to embed yet, so there is no version.
   * - `unchanged`: the ref names what the night would make again, so there is no version.
   */
  outcome: 'complete' | 'superseded' | 'held' | 'unreferenced' | 'empty' | 'unchanged';
  /** The URI of the night's lineage record. Null where there is no version. */
  lineage: string | null;
  finishedAt: number;
}

/**
 * Returns the version that the night of a schedule makes, named after its time (ms since the epoch,
 * taken to the second): `nightly-20261121T020000Z`. The time is in UTC, whose hours never repeat,
 * so that no two nights share a name and names sort as nights do.
 */
export function nightVersion(schedule: string, scheduledAt: number): string {
  const [date = '', time = ''] = new Date(scheduledAt).toISOString().split('T');
  return `${schedule}-${date.replaceAll('-', '')}T${time.slice(0, 8).replaceAll(':', '')}Z`;
}

/**
 * Returns the time of a night that is not begun yet: the first whole second from `now` on whose
 * version `isBegun` denies. Nights are named by the second, so that of two nights in one second the
 * later one is named by the next. Times are in ms since the epoch.
 */
export async function freeNightTime(
  schedule: string,
  now: number,
  isBegun: (version: string) => Promise<boolean>,
): Promise<number> {
  let time = wholeSeconds(now);
  while (await isBegun(nightVersion(schedule, time))) time += 1000;
  return time;
}

/** Returns a time without its fraction of a second, as nights have it. Both are in ms. */
export function wholeSeconds(time: number): number {
  return Math.floor(time / 1000) * 1000;
}

/** Returns the time of the night that made a version, in ms; undefined for any other version. */
export function nightTime(schedule: string, version: string): number | undefined {
  const name = version.startsWith(`${schedule}-`) ? version.slice(schedule.length + 1) : '';
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(name);
  if (!parts) return undefined;
  const [, year, month, day, hours, minutes, seconds] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return nightVersion(schedule, time || 0) === version ? time : undefined;
}
