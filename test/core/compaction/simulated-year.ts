import { planCompaction } from '../../../core/compaction/plan-compaction.js';
import { seededRandom } from '../../../core/seeded-random.js';

/** The rows of a full part. */
const FULL_ROWS = 1000;

/** The changes of a night, as shares of the rows that live. */
export interface SimulatedNight {
  edited?: number;
  added?: number;
  deleted?: number;
  /** The shards in which the new rows lie. */
  shards: number;
}

/** A pattern of nights. */
export interface NightPattern {
  nightOf(night: number): SimulatedNight;
  /** The share of the newest parts in which four of five rows die. Everywhere if it is absent. */
  hot?: number;
}

/** The sums of a year of nights. */
export interface SimulatedYear {
  /** The most files beyond one and a half times those of a full version. */
  filesBeyond: number;
  addedRows: number;
  deadRows: number;
  movedRows: number;
  /** The parts at the end, and as few as there can be. */
  parts: number;
  fullParts: number;
}

interface SimulatedPart {
  rows: number;
  moves: number;
}

/** Plays 365 nights of a version that had this number of full parts, and no files of rejects. */
export function simulateYear(fullParts: number, { nightOf, hot }: NightPattern, seed: number): SimulatedYear {
  const random = seededRandom(seed, 0);
  let parts = Array.from({ length: fullParts }, (): SimulatedPart => ({ rows: FULL_ROWS, moves: 0 }));
  const year = { filesBeyond: Number.NEGATIVE_INFINITY, addedRows: 0, deadRows: 0, movedRows: 0 };
  for (let night = 0; night < 365; night += 1) {
    const { edited = 0, added = 0, deleted = 0, shards } = nightOf(night);
    const before = rowsIn(parts);
    let dead = 0;
    for (const [place, part] of parts.entries()) {
      const isHot = hot !== undefined && place >= parts.length * (1 - hot);
      const factor = hot === undefined ? 1 : isHot ? 0.8 / hot : 0.2 / (1 - hot);
      const died = Math.min(part.rows, Math.floor(part.rows * (edited + deleted) * factor + random()));
      part.rows -= died;
      dead += died;
    }
    const fresh = Math.max(0, dead - Math.round(before * deleted)) + Math.round(before * added);
    const ofShards = Array.from({ length: Math.min(shards, fresh) }, (_, shard) =>
      partsOf(Math.floor((fresh + shard) / Math.min(shards, fresh)), 0),
    );
    parts = [...parts.filter(({ rows }) => rows > 0), ...ofShards.flat()];
    year.addedRows += fresh;
    year.deadRows += dead;
    const compacted = compact(parts);
    parts = compacted.parts;
    year.movedRows += compacted.movedRows;
    // A part has two files.
    year.filesBeyond = Math.max(year.filesBeyond, 2 * (parts.length - 1.5 * fewest(parts)));
  }
  return { ...year, parts: parts.length, fullParts: fewest(parts) };
}

function compact(parts: readonly SimulatedPart[]): { parts: SimulatedPart[]; movedRows: number } {
  const compacted: SimulatedPart[] = [];
  let [next, movedRows] = [0, 0];
  for (const { from, to } of planCompaction(
    parts.map(({ rows, moves }) => ({ fill: rows / FULL_ROWS, moves })),
  )) {
    const group = parts.slice(from, to);
    const moves = 1 + Math.max(...group.map((part) => part.moves));
    compacted.push(...parts.slice(next, from), ...partsOf(rowsIn(group), moves));
    movedRows += rowsIn(group);
    next = to;
  }
  return { parts: [...compacted, ...parts.slice(next)], movedRows };
}

function partsOf(rows: number, moves: number): SimulatedPart[] {
  return Array.from({ length: Math.ceil(rows / FULL_ROWS) }, (_, place) => ({
    rows: Math.min(FULL_ROWS, rows - place * FULL_ROWS),
    moves,
  }));
}

function rowsIn(parts: readonly SimulatedPart[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

function fewest(parts: readonly SimulatedPart[]): number {
  return Math.ceil(rowsIn(parts) / FULL_ROWS);
}
