/** One move of a ref. */
export interface RefEntry {
  /** The number of moves of the ref up to this one, which is 1 for its first. */
  generation: number;
  version: string;
  fingerprint: string;
  /** Names who moved it. Whoever repeats a move gives the same name. */
  writeId: string;
  by: RefMover;
  /** The time of the move in ms since the epoch. It is shown to people, and decides nothing. */
  movedAt: number;
}

/** The kinds of work that move refs. */
export type RefMover = 'job' | 'night' | 'promote' | 'rollback';

/** A named pointer to a version. */
export interface RefRecord extends RefEntry {
  formatVersion: 2;
  /** The version that the ref named before, or null for a ref that is new. */
  previous: string | null;
  /** Whether jobs and nights leave the ref where it is, until somebody releases it. */
  isHeld: boolean;
  /** Earlier moves, the latest first, at most `REF_HISTORY` of them. */
  history: readonly RefEntry[];
}

/** The record of releases that counted no moves. */
export interface FirstRefRecord extends Pick<RefEntry, 'version' | 'fingerprint' | 'movedAt'> {
  formatVersion: 1;
  previous: string | null;
}

/** The number of earlier moves that a ref remembers. */
export const REF_HISTORY = 100;

/** A wish to point a ref at a version. */
export interface RefMove extends Omit<RefEntry, 'generation'> {
  /**
   * The generation that the ref had when the work began; 0 for a ref that did not exist. Undefined
   * for a job of a release that noted none: its move counts only if the ref has not been moved
   * later.
   */
  expected: number | undefined;
  /** Whether the ref is held from then on. */
  hold?: boolean;
  /** Whether the ref is moved even if it is held, which ends the hold. */
  release?: boolean;
}

/**
 * The answer to a move:
 * - `write`: the ref shall have this record.
 * - `there`: the ref names the version already.
 * - `superseded`: the ref was moved since the work began.
 * - `held`: somebody has asked that the ref stays.
 */
export type RefDecision =
  | { outcome: 'write'; record: RefRecord }
  | { outcome: Exclude<RefOutcome, 'moved'>; record: RefRecord };

/** The result of a move. */
export type RefOutcome = 'moved' | 'there' | 'superseded' | 'held';

/**
 * Decides what a move makes of a ref. Undefined stands for a ref that does not exist, and that is
 * made, even if somebody removed it meanwhile.
 */
export function decideMove(current: RefRecord | undefined, move: RefMove): RefDecision {
  const { expected, hold = false, release = false, ...entry } = move;
  if (!current) return { outcome: 'write', record: recordAfter(current, entry, expected ?? 0, hold) };
  // A move that is found as the last one was made, even if somebody has ended its hold since.
  const isMade = current.writeId === move.writeId;
  const changesHold = current.isHeld ? release && !hold : hold;
  if (isMade || (current.version === move.version && !changesHold))
    return { outcome: 'there', record: current };
  // A move that has happened, and was followed by another one, is not made again.
  const isLater =
    current.history.some(({ writeId }) => writeId === move.writeId) ||
    (expected === undefined ? current.movedAt > move.movedAt : current.generation !== expected);
  if (isLater) return { outcome: 'superseded', record: current };
  if (current.isHeld && !hold && !release) return { outcome: 'held', record: current };
  return { outcome: 'write', record: recordAfter(current, entry, current.generation, hold) };
}

function recordAfter(
  current: RefRecord | undefined,
  entry: Omit<RefEntry, 'generation'>,
  generation: number,
  isHeld: boolean,
): RefRecord {
  return {
    formatVersion: 2,
    generation: generation + 1,
    version: entry.version,
    previous: current?.version ?? null,
    fingerprint: entry.fingerprint,
    writeId: entry.writeId,
    by: entry.by,
    movedAt: entry.movedAt,
    isHeld,
    history: current ? [entryOf(current), ...current.history].slice(0, REF_HISTORY) : [],
  };
}

/** Returns the last move of a ref. */
export function entryOf({ generation, version, fingerprint, writeId, by, movedAt }: RefRecord): RefEntry {
  return { generation, version, fingerprint, writeId, by, movedAt };
}

/**
 * Returns the record of an earlier release as one that counts moves. How often it was moved is not
 * known, so that it counts as moved once, or twice where it names a previous version.
 */
export function countedRef(first: FirstRefRecord): RefRecord {
  const { version, previous, fingerprint, movedAt } = first;
  return {
    formatVersion: 2,
    generation: previous === null ? 1 : 2,
    version,
    previous,
    fingerprint,
    writeId: '',
    by: 'job',
    movedAt,
    isHeld: false,
    history: [],
  };
}

/**
 * Returns the version that a ref named before it first named its present one. Going back twice thus
 * leads to two versions before. Undefined where the ref remembers none.
 */
export function versionBefore(record: RefRecord): string | undefined {
  const moves = [entryOf(record), ...record.history];
  const first = moves.findLastIndex(({ version }) => version === record.version);
  const before = moves[first + 1]?.version;
  return before ?? (first === 0 ? (record.previous ?? undefined) : undefined);
}
