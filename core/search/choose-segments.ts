import { rowKey } from '../ids.js';
import { followGraphs, isLiveEnough } from '../index/follow-graphs.js';
import { type ListedRows, livingParts, rowsBeside, rowsInVersion } from '../listed-rows.js';
import { placeOf, rowsIn, type VersionParts } from '../version-parts.js';

/** The list of a segment: rows of chunk files, in the order in which the segment has them. */
export type SegmentList = readonly ListedRows[];

/** A segment by which some rows of a version are searched. */
export interface ChosenSegment {
  /** The place of the segment among those that there are. */
  place: number;
  /** The rows that are searched by it. The version may have others of its rows, too. */
  living: VersionParts;
}

export interface ChosenSegments {
  chosen: readonly ChosenSegment[];
  /** The rows of the version that none of these has. A new segment is made of them. */
  others: VersionParts;
}

/**
 * Chooses by which segments a version is searched, out of any that there are. A row is searched by
 * one of them, and by the one that has the most rows of the version if several have it. The rules
 * are those of graphs: a segment of which more than a fifth is not searched is left out, and if a
 * new segment must be made, it takes in those that are at most twice as large.
 */
export function chooseSegments(parts: VersionParts, lists: readonly SegmentList[]): ChosenSegments {
  const overlapping = lists
    .map((list, place) => ({ list, place, common: rowsInVersion(list, parts, 'chunks').living.rows }))
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || a.place - b.place);
  const candidates: (ChosenSegment & { rows: number })[] = [];
  let others = parts;
  for (const { list, place } of overlapping) {
    const { living } = rowsInVersion(list, others, 'chunks');
    const rows = list.reduce((sum, { live }) => sum + rowsIn(live), 0);
    if (!isLiveEnough({ rows, liveRows: living.rows })) continue;
    candidates.push({ place, living, rows });
    others = rowsBeside(others, [living]);
  }
  const { kept } = followGraphs(
    candidates.map(({ rows, living }) => ({ rows, liveRows: living.rows })),
    others.rows,
    { comparedRows: () => 0, shardRows: Number.POSITIVE_INFINITY },
  );
  const chosen = kept.map((at) => candidates[at]!);
  return {
    chosen,
    others: rowsBeside(
      parts,
      chosen.map(({ living }) => living),
    ),
  };
}

/** The number that stands for a row of a segment that is not searched. */
export const NOT_SEARCHED = 0xffff_ffff;

/**
 * Returns the number that each row of a segment has in a version, `[rows of the segment]`;
 * `NOT_SEARCHED` for the rows that are not in `living`.
 */
export function rowNumbers(list: SegmentList, living: VersionParts, parts: VersionParts): Uint32Array {
  const numbers = new Uint32Array(list.reduce((sum, { live }) => sum + rowsIn(live), 0)).fill(NOT_SEARCHED);
  let before = 0;
  for (const listed of list) {
    const found = Array.from(livingParts(listed, living, 'chunks'), ({ ofShard }) => ofShard);
    for (const range of found.flat()) {
      const at = before + placeOf(listed, range.start)!;
      // A range lies within one live range of the version, so that the numbers of its rows succeed
      // each other.
      const first = parts.rowOf(rowKey(listed.shard, range.start))!;
      for (let row = 0; row < range.end - range.start; row += 1) numbers[at + row] = first + row;
    }
    before += rowsIn(listed.live);
  }
  return numbers;
}
