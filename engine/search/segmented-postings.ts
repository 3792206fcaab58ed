import type { TermPostings } from '../../core/search/bm25.js';
import { NOT_SEARCHED, rowNumbers } from '../../core/search/choose-segments.js';
import type { TieBreak } from '../../core/top-k.js';
import type { VersionParts } from '../../core/version-parts.js';
import type { IdBytes } from './id-bytes.js';
import type { PostingsSource } from './lexical-scores.js';
import type { LexicalSegment } from './lexical-segment.js';
import type { SearchedSegment } from './lexical-segments.js';

/** A segment, and the number in the version of each of its rows. */
interface NumberedSegment {
  segment: LexicalSegment;
  /** `[rows of the segment]`, with `NOT_SEARCHED` for some. */
  numbers: Uint32Array;
}

/** Several segments that are searched as one index of all rows of a version. */
export interface SegmentedPostings extends PostingsSource {
  /** Lets the lower chunk id come first, without reading ids. */
  tieBreak: TieBreak;
}

/**
 * Joins segments to one index of the rows of a version. Every count that a score follows from is
 * that of an index made of these rows alone, so that scores are equal bit for bit.
 */
export async function segmentedPostings(
  parts: VersionParts,
  searched: readonly SearchedSegment[],
): Promise<SegmentedPostings> {
  const segments = searched.map(
    ({ segment, living }): NumberedSegment => ({
      segment,
      numbers: rowNumbers(segment.list, living, parts),
    }),
  );
  const [only] = segments;
  if (only && segments.length === 1 && only.numbers.every((number, row) => number === row)) {
    const { lengths, places, postings } = only.segment;
    return { lengths, postings, tieBreak: (row, other) => places[row]! - places[other]! };
  }
  const lengths = new Uint32Array(parts.rows);
  for (const { segment, numbers } of segments)
    for (const [row, number] of numbers.entries())
      if (number !== NOT_SEARCHED) lengths[number] = segment.lengths[row]!;
  return {
    lengths,
    postings: async (term) => joined(await Promise.all(segments.map((own) => numberedPostings(own, term)))),
    tieBreak: await tieBreakOf(segments, parts.rows),
  };
}

/**
 * Returns the postings of a term with the version's row numbers, without rows that are not
 * searched.
 */
async function numberedPostings(
  { segment, numbers }: NumberedSegment,
  term: string,
): Promise<TermPostings | undefined> {
  const found = await segment.postings(term);
  if (!found) return undefined;
  const rows = new Uint32Array(found.rows.length);
  const frequencies = new Uint16Array(found.rows.length);
  let count = 0;
  for (const [index, row] of found.rows.entries()) {
    const number = numbers[row]!;
    if (number === NOT_SEARCHED) continue;
    rows[count] = number;
    frequencies[count] = found.frequencies[index]!;
    count += 1;
  }
  return { rows: rows.subarray(0, count), frequencies: frequencies.subarray(0, count) };
}

/** Returns the postings of one term out of several segments, which have no row in common. */
function joined(lists: readonly (TermPostings | undefined)[]): TermPostings | undefined {
  const found = lists.filter((list) => list !== undefined && list.rows.length > 0) as TermPostings[];
  if (found.length <= 1) return found[0];
  const count = found.reduce((sum, { rows }) => sum + rows.length, 0);
  const all = { rows: new Uint32Array(count), frequencies: new Uint16Array(count) };
  let at = 0;
  for (const { rows, frequencies } of found) {
    all.rows.set(rows, at);
    all.frequencies.set(frequencies, at);
    at += rows.length;
  }
  return all;
}

/** Rows of one segment are in the order of their places, and others in that of their ids' bytes. */
async function tieBreakOf(segments: readonly NumberedSegment[], count: number): Promise<TieBreak> {
  const ids: IdBytes[] = [];
  for (const { segment } of segments) ids.push(await segment.ids());
  const segmentOf = new Uint32Array(count);
  const rowIn = new Uint32Array(count);
  for (const [place, { numbers }] of segments.entries())
    for (const [row, number] of numbers.entries()) {
      if (number === NOT_SEARCHED) continue;
      segmentOf[number] = place;
      rowIn[number] = row;
    }
  return (row, other) => {
    const [left, right] = [segmentOf[row]!, segmentOf[other]!];
    const { places } = segments[left]!.segment;
    if (left === right) return places[rowIn[row]!]! - places[rowIn[other]!]!;
    return Buffer.compare(ids[left]!.at(rowIn[row]!), ids[right]!.at(rowIn[other]!));
  };
}
