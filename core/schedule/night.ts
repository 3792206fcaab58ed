import type { VersionLocation } from '../job-spec.js';
import type { ScheduleRecord } from './schedule-record.js';

/** What a night does, in order; a schedule may leave out the last two. */
export const NIGHT_STEPS = ['embed', 'mine', 'index'] as const;
export type NightStep = (typeof NIGHT_STEPS)[number];

/** Characters that a version's name has beside the schedule's. */
const TIME_LENGTH = '-20261121T020000Z'.length;

/** Longest name of a schedule whose versions have names, by `NAME_PATTERN`. */
export const MAX_SCHEDULE_NAME_LENGTH = 63 - TIME_LENGTH;

/** The argument of the workflow of one night. */
export interface NightInput {
  schedule: ScheduleRecord;
}

/** How far one step is. */
export interface StepReport {
  step: NightStep;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** Of the child workflow. */
  workflowId: string | null;
  /** ms since the epoch; null before. */
  startedAt: number | null;
  finishedAt: number | null;
  /** What the finished step counted, by name: documents, chunks, triplets, recall … */
  counts: Readonly<Record<string, number>>;
}

/** Answer to the progress query of a night; also in the details of the failure that ends one. */
export interface NightProgress extends VersionLocation {
  schedule: string;
  /** The time that the night is named after, ms since the epoch. */
  scheduledAt: number;
  startedAt: number;
  /** The version that the ref named when the night began; null where there was none. */
  parent: string | null;
  ref: string;
  steps: readonly StepReport[];
}

/** What a night returns. */
export interface NightSummary extends NightProgress {
  /**
   * `complete`: the version stands and the ref names it. `superseded`: the version stands, but the
   * ref was moved by newer work meanwhile. `unreferenced`: it stands, and the schedule moves no
   * ref. `empty`: there was nothing to embed yet, and no version.
   */
  outcome: 'complete' | 'superseded' | 'unreferenced' | 'empty';
  /** URI of the night's lineage record; null where there is no version. */
  lineage: string | null;
  finishedAt: number;
}

/**
 * The version of the night of a schedule at a time (ms since the epoch, taken to the second):
 * `nightly-20261121T020000Z`. In UTC, whose hours never repeat, so that no two nights share a name
 * and names sort as nights do.
 */
export function nightVersion(schedule: string, scheduledAt: number): string {
  const [date = '', time = ''] = new Date(scheduledAt).toISOString().split('T');
  return `${schedule}-${date.replaceAll('-', '')}T${time.slice(0, 8).replaceAll(':', '')}Z`;
}
