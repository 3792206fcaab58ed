import type { RefRecord } from '../ref.js';
import type { Pin } from './pin.js';
import type { RetentionPolicy } from './retention-policy.js';

/**
 * The facts that storage tells of a version. Times are in ms since the epoch, by the clock of the
 * store.
 */
export interface StoredVersion {
  version: string;
  /** The number of its objects, and their bytes. */
  files: number;
  bytes: number;
  /** The time at which its job was written. Undefined where there is no job. */
  begunAt: number | undefined;
  /** The time at which its manifest was written. Undefined for a version that is not finished. */
  finishedAt: number | undefined;
  /** Versions from which it carries rows, or takes vectors, while it is not finished. */
  needs: readonly string[];
}

/** The facts that decide which versions of a dataset are kept. */
export interface RetentionState {
  /** The present time in ms since the epoch, by the clock of the store. */
  now: number;
  versions: readonly StoredVersion[];
  refs: readonly (Pick<RefRecord, 'version' | 'history' | 'previous'> & { ref: string })[];
  pins: readonly Pick<Pin, 'job' | 'makes' | 'versions'>[];
  /** Unfinished versions that somebody has named to be deleted. */
  dropped: readonly string[];
}

/** The decision on one version. */
export interface RetainedVersion extends StoredVersion {
  /** The reasons to keep it, as phrases such as `the ref current`. None for one that is retired. */
  keptBy: readonly string[];
}

/**
 * Decides which versions are kept, and why. A finished version is kept while a ref, the recent
 * history of a ref, a pin, an unfinished version or the policy's number or age holds it. One that
 * is not finished goes only by name, or by the policy's `unfinishedAfterMs`; its own pin does not
 * hold it then.
 */
export function decideRetention(state: RetentionState, policy: RetentionPolicy): RetainedVersion[] {
  const isDropped = dropsOf(state, policy);
  const reasons = new Map<string, string[]>(state.versions.map(({ version }) => [version, []]));
  const keep = (version: string, reason: string) => reasons.get(version)?.push(reason);
  for (const { ref, version, history, previous } of state.refs) {
    keep(version, `the ref ${ref}`);
    const before = history.length > 0 ? history.map((move) => move.version) : [previous ?? ''];
    for (const earlier of new Set(before.slice(0, Math.max(policy.history - 1, 0))))
      if (earlier !== version) keep(earlier, `the history of the ref ${ref}`);
  }
  for (const { job, makes, versions } of state.pins)
    if (makes === null || !isDropped(makes)) for (const version of versions) keep(version, `the job ${job}`);
  for (const { version, needs, finishedAt } of state.versions)
    if (finishedAt === undefined && !isDropped(version)) {
      keep(version, 'that it is not finished');
      for (const needed of needs) keep(needed, `the unfinished version ${version}`);
    }
  const finished = state.versions.filter(isFinished).sort((a, b) => b.finishedAt - a.finishedAt);
  for (const [place, { version, finishedAt }] of finished.entries()) {
    if (place < policy.keep) keep(version, `being one of the newest ${policy.keep}`);
    if (state.now - finishedAt < policy.ageMs) keep(version, 'its age');
  }
  return state.versions.map((stored) => ({ ...stored, keptBy: reasons.get(stored.version)! }));
}

function isFinished(stored: StoredVersion): stored is StoredVersion & { finishedAt: number } {
  return stored.finishedAt !== undefined;
}

/** Returns whether a version is not finished and shall not be. */
function dropsOf(
  { now, versions, dropped }: RetentionState,
  { unfinishedAfterMs = Number.POSITIVE_INFINITY }: RetentionPolicy,
): (version: string) => boolean {
  const isOld = (begunAt: number | undefined) => begunAt !== undefined && now - begunAt >= unfinishedAfterMs;
  const names = new Set(
    versions
      .filter(({ finishedAt }) => finishedAt === undefined)
      .filter(({ version, begunAt }) => dropped.includes(version) || isOld(begunAt))
      .map(({ version }) => version),
  );
  return (version) => names.has(version);
}
